// Whether the disk takes what is written, told once when that changes, and when to try again.
// Not responsible for: what is done meanwhile. One thread (or lock) at a time, but for
// `is_degraded`.
#pragma once

#include "plugin/base/time.h"

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::disk {

class DiskHealth {
 public:
  DiskHealth(std::string directory, Duration pause)
      : directory_(std::move(directory)), pause_(pause) {}

  /// False while the last failure is less than the pause ago.
  bool may_try() const;
  /// Does not wait for the pause to be over.
  void retry() { try_again_ = {}; }
  /// `what` could not be done, and errno says why.
  void failed(std::string_view what);
  void worked() {
    if (is_degraded()) recover();
  }
  bool is_degraded() const { return degraded_.load(std::memory_order_relaxed); }

 private:
  void recover();

  std::string directory_;
  Duration pause_;
  std::atomic<bool> degraded_ = false;
  TimePoint try_again_{};
};

}  // namespace plotbridge::disk
