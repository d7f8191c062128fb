// Time as values. What it leaves to others: reading a clock. Floors 0 to 2 never do; they are told
// `now` and answer with deadlines, so that a test can move time by hand. Any thread.
#pragma once

#include <chrono>

namespace plotbridge {

using Duration = std::chrono::nanoseconds;
/// Monotonic: for deadlines, ages and rates.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;
/// UTC: for what is written into a line or a log.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// Both clocks, read together.
struct Moment {
  TimePoint at;
  WallTime wall;
};

/// `duration` times `factor`.
inline Duration scaled(Duration duration, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

/// "Never": a deadline that no clock reaches.
inline constexpr TimePoint kNever = TimePoint::max();

}  // namespace plotbridge
