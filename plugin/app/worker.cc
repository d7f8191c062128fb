#include "plugin/app/worker.h"

#include "plugin/app/clock.h"

namespace plotbridge::app {

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (woken_) return;
    woken_ = true;
  }
  changed_.notify_one();
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const TimePoint next = work_(steady_now());
    lock.lock();
    const auto due = [this] { return woken_ || stopping_; };
    if (next == kNever) {
      changed_.wait(lock, due);
    } else {
      changed_.wait_until(lock, next, due);
    }
  }
}

}  // namespace plotbridge::app
