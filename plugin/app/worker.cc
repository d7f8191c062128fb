#include "plugin/app/worker.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <chrono>
#include <exception>

namespace plotbridge::app {
namespace {

constexpr Duration kAfterFailure = std::chrono::seconds(1);

}  // namespace

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

// What it throws, as where memory is short, costs this call alone.
TimePoint Worker::work() {
  try {
    return work_(steady_now());
  } catch (const std::exception& error) {
    log::error("work for the disk failed",
               {{"why", error.what()}, {"action", "tried again in 1 s"}});
    return steady_now() + kAfterFailure;
  }
}

void Worker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const TimePoint next = work();
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
