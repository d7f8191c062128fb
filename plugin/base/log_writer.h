// Takes finished log lines to a file descriptor without making the caller wait: a thread of its own
// writes, and lines that come while the queue is full are dropped and counted. Not responsible for:
// what a line says (log). Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace plotbridge::log {

class LogWriter {
 public:
  /// Bytes that wait; as many again may be in the hands of the thread.
  static constexpr std::size_t kCapacity = std::size_t{1} << 20;

  explicit LogWriter(int descriptor, std::size_t capacity = kCapacity)
      : descriptor_(descriptor), capacity_(capacity) {}
  /// Waits for the thread, so only where the descriptor is known to be read.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// From now on a thread writes; until then `write` does. `on_dropped` is called on that thread
  /// with the number of dropped lines once lines are written again.
  void start(std::function<void(std::uint64_t lines)> on_dropped);
  /// One line, with its newline. After `start` it never waits for the descriptor.
  void write(std::string_view line);
  /// Waits until all that came before is written; false: that took longer than `patience`.
  bool flush(std::chrono::milliseconds patience);
  /// Lines that were not written.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void run();
  /// Writes all of it, or counts the lines that the descriptor refused.
  void put(std::string_view lines);
  void drop(std::uint64_t lines);

  const int descriptor_;
  const std::size_t capacity_;
  std::function<void(std::uint64_t)> on_dropped_;
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> untold_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace plotbridge::log
