// How fast one stream may go: the earliest time of the next line. Leaves to others: what becomes of
// lines that come faster (sampler), the queue and the clock. One thread (or lock) at a time.
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
  /// The time from line to line; 0: there is no limit.
  Duration interval() const { return interval_; }

  /// When the next line may be sent; a time in the past: now.
  TimePoint next_send() const { return next_send_; }
  void sent(TimePoint now) { next_send_ = now + interval_; }

 private:
  Duration interval_;
  TimePoint next_send_ = TimePoint::min();
};

}  // namespace plotbridge::stream
