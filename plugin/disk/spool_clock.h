// The clock that the ages of a spool's lines are told by: the wall clock, without the times when
// somebody set it. A gateway whose clock comes right an hour after it was switched on must not take
// the lines of that hour for years old. Pure. `look` one thread at a time, the rest any.
#pragma once

#include "plugin/base/time.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace plotbridge::disk {

class SpoolClock {
 public:
  /// Goes on as it was when the process ended and `behind` said this, and never before `newest_ms`,
  /// which it has shown: a gateway may begin at the same wrong time again and again.
  void start(std::chrono::milliseconds behind, std::uint64_t newest_ms) {
    behind_ = behind.count();
    newest_ms_ = newest_ms;
  }

  /// Both clocks, read together. By how much the wall clock was set since the last look; nothing:
  /// it went on as it should, or was set by so little that no line is worth it.
  std::optional<std::chrono::milliseconds> look(const Moment& now) {
    const auto last = std::exchange(last_, now);
    std::optional<std::chrono::milliseconds> set;
    if (!last) {
      const std::int64_t shown = shown_at(now.wall);
      const auto newest = static_cast<std::int64_t>(newest_ms_);
      if (shown < newest) behind_.fetch_sub(newest - shown, std::memory_order_relaxed);
    } else {
      const auto jump = std::chrono::duration_cast<std::chrono::milliseconds>(
          (now.wall - last->wall) - (now.at - last->at));
      if (jump >= kLeast || jump <= -kLeast) set = jump;
      if (set) behind_.fetch_add(jump.count(), std::memory_order_relaxed);
    }
    seen_.store(shown_at(now.wall), std::memory_order_relaxed);
    return set;
  }

  /// How far this clock is behind the wall clock.
  std::chrono::milliseconds behind() const {
    return std::chrono::milliseconds(behind_.load(std::memory_order_relaxed));
  }
  /// The same as `at` for a line that has just come: near the last look, whatever the wall clock
  /// says, which may have been set since.
  std::uint64_t stamp(WallTime wall) const {
    const std::int64_t seen = seen_.load(std::memory_order_relaxed);
    if (seen == kNotYet) return at(wall);
    constexpr std::int64_t kNear = std::chrono::milliseconds(kLeast).count();
    const std::int64_t shown = std::clamp(shown_at(wall), seen - kNear, seen + kNear);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(shown, 0));
  }
  /// What this clock shows, or showed, when the wall clock says `wall`: ms since 1970.
  std::uint64_t at(WallTime wall) const {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(shown_at(wall), 0));
  }

 private:
  static constexpr std::chrono::minutes kLeast{1};
  static constexpr std::int64_t kNotYet = std::numeric_limits<std::int64_t>::min();

  std::int64_t shown_at(WallTime wall) const {
    const auto since = wall.time_since_epoch();
    return (std::chrono::floor<std::chrono::milliseconds>(since) - behind()).count();
  }

  std::uint64_t newest_ms_ = 0;
  std::atomic<std::int64_t> seen_{kNotYet};  // what it showed at the last look
  std::optional<Moment> last_;
  std::atomic<std::int64_t> behind_{0};
};

}  // namespace plotbridge::disk
