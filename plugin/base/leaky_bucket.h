// Spreads events over time: so many at once, then one each interval. Leaves to others: waiting for
// the time it gives. One thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <algorithm>
#include <optional>

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

  /// The same when that is no later than in `longest`; else nothing, and none is taken.
  std::optional<TimePoint> reserve_within(TimePoint now, Duration longest) {
    if (full_until_ - tolerance_ > now + longest) return std::nullopt;
    return reserve(now);
  }

  /// From then on it is as if nothing had happened.
  TimePoint full_until() const { return full_until_; }

 private:
  Duration interval_;
  Duration tolerance_;
  TimePoint full_until_{};
};

}  // namespace plotbridge
