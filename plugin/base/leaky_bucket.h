// Spreads events over time: so many at once, then one each interval. Leaves to others: waiting for
// the time it gives. One thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <algorithm>

namespace plotbridge {

class LeakyBucket {
 public:
  LeakyBucket(Duration interval, int burst)
      : interval_(interval), tolerance_(interval * (burst - 1)) {}

  /// Takes the next place: its time, `now` or later. Whoever takes one uses it.
  TimePoint reserve(TimePoint now) {
    full_until_ = std::max(full_until_, now);
    const TimePoint at = std::max(now, full_until_ - tolerance_);
    full_until_ += interval_;
    return at;
  }

 private:
  Duration interval_;
  Duration tolerance_;
  TimePoint full_until_{};
};

}  // namespace plotbridge
