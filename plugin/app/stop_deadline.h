// The last resort when the program is to end and something waits for a disk that stalls: ends it
// after a time, come what may. Not responsible for: an end in good order. Main thread.
#pragma once

#include "plugin/base/time.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace plotbridge::app {

class StopDeadline {
 public:
  /// From now on the program has so long to end.
  explicit StopDeadline(Duration patience);
  /// It ends in good order.
  ~StopDeadline();
  StopDeadline(const StopDeadline&) = delete;
  StopDeadline& operator=(const StopDeadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace plotbridge::app
