// How fast one stream may go: the earliest time of the next line, and whether a new line should
// take the place of the newest one that waits. Leaves to others: the queue and the clock. One
// thread (or lock) at a time.
#pragma once

#include "plugin/base/time.h"

#include <optional>

namespace plotbridge::stream {

class Pacer {
 public:
  /// Lines a second; nothing: as fast as they come.
  explicit Pacer(std::optional<double> max_rate)
      : interval_(max_rate ? Duration(static_cast<Duration::rep>(1e9 / *max_rate)) : Duration(0)) {}

  bool limited() const { return interval_ > Duration(0); }

  /// When the next line may be sent; a time in the past: now.
  TimePoint next_send() const { return next_send_; }
  void sent(TimePoint now) { next_send_ = now + interval_; }

  /// For streams that keep only the newest line of an interval: true when `now` falls into the
  /// interval of the line admitted last, so that the new line should replace that one if it still
  /// waits.
  bool replaces_newest(TimePoint now) {
    if (!limited()) return false;
    if (now < slot_end_) return true;
    slot_end_ = now + interval_;
    return false;
  }

 private:
  Duration interval_;
  TimePoint next_send_ = TimePoint::min();
  TimePoint slot_end_ = TimePoint::min();
};

}  // namespace plotbridge::stream
