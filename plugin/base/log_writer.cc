#include "plugin/base/log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

namespace plotbridge::log {

LogWriter::~LogWriter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LogWriter::start(std::function<void(std::uint64_t lines)> on_dropped) {
  if (thread_.joinable()) return;
  on_dropped_ = std::move(on_dropped);
  // Signals are for the main thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void LogWriter::write(std::string_view line) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return put(line);
  if (waiting_.size() + line.size() > capacity_) return drop(1);
  waiting_ += line;
  const bool wake = !writing_;
  lock.unlock();
  if (wake) changed_.notify_all();
}

bool LogWriter::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return waiting_.empty() && !writing_; });
}

void LogWriter::drop(std::uint64_t lines) {
  dropped_.fetch_add(lines, std::memory_order_relaxed);
  untold_.fetch_add(lines, std::memory_order_relaxed);
}

void LogWriter::run() {
  std::string lines;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
    if (waiting_.empty()) return;
    lines.clear();
    lines.swap(waiting_);
    writing_ = true;
    lock.unlock();
    const std::uint64_t before = dropped();
    put(lines);
    // The news of it must not be dropped again; a descriptor that refuses lines refuses it, too.
    const bool refused = dropped() != before && untold_ > 0;
    const std::uint64_t untold = refused ? 0 : untold_.exchange(0);
    if (untold > 0 && on_dropped_) on_dropped_(untold);
    lock.lock();
    writing_ = false;
    if (waiting_.empty()) changed_.notify_all();
  }
}

void LogWriter::put(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = ::write(descriptor_, lines.data(), lines.size());
    if (written > 0) {
      lines.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      pollfd wanted{descriptor_, POLLOUT, 0};
      ::poll(&wanted, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      return drop(static_cast<std::uint64_t>(std::ranges::count(lines, '\n')));
    }
  }
}

}  // namespace plotbridge::log
