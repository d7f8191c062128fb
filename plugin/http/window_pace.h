// When the next whole window may be made for somebody who watches: making one holds the server's
// loop, so that all together take a part of its time, however many ask. Pure: time comes in; one
// thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <cstddef>

namespace plotbridge::http {

class WindowPace {
 public:
  /// About a tenth of the loop's time.
  static constexpr std::size_t kBytesPerSecond = std::size_t{32} << 20;

  bool admits(TimePoint now) const { return now >= next_; }
  /// One of `bytes` was made.
  void made(std::size_t bytes, TimePoint now) {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(kBytesPerSecond);
    next_ = now + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }

 private:
  TimePoint next_ = TimePoint::min();
};

}  // namespace plotbridge::http
