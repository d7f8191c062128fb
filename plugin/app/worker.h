// A thread for work that waits for a disk, so that no loop does: calls one function now and then,
// and whenever it is woken. Not responsible for: what the work is. `wake` may be called from any
// thread, the rest belongs to the one that made it.
#pragma once

#include "plugin/base/time.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace plotbridge::app {

class Worker {
 public:
  /// `work` answers when it is to be called again; kNever: when it is woken.
  explicit Worker(std::function<TimePoint(TimePoint now)> work) : work_(std::move(work)) {}
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  void wake();
  /// Waits for the call that is on.
  void stop();

 private:
  TimePoint work();
  void run();

  std::function<TimePoint(TimePoint)> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace plotbridge::app
