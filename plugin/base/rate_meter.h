// Counts events over the last ten seconds. Leaves to others: the clock. One thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace plotbridge {

class RateMeter {
 public:
  void count(TimePoint now, std::size_t events = 1) {
    if (events == 0) return;
    turn_to(second_of(now));
    if (first_ == 0) first_ = second_;
    counts_[slot(second_)] += static_cast<std::uint32_t>(events);
  }

  /// Events a second over the ten whole seconds before the present one, or as many as there are
  /// since the first event.
  double rate(TimePoint now) {
    turn_to(second_of(now));
    std::uint64_t sum = 0;
    for (const std::uint32_t count : counts_) sum += count;
    const std::int64_t seconds = std::clamp<std::int64_t>(second_ - first_, 1, kSeconds);
    return static_cast<double>(sum - counts_[slot(second_)]) / static_cast<double>(seconds);
  }

 private:
  static constexpr int kSeconds = 10;

  static std::int64_t second_of(TimePoint now) {
    return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  }
  static std::size_t slot(std::int64_t second) {
    return static_cast<std::size_t>(second % (kSeconds + 1));
  }

  void turn_to(std::int64_t second) {
    if (second - second_ > kSeconds) counts_.fill(0);
    for (int i = 0; i <= kSeconds && second_ < second; ++i) counts_[slot(++second_)] = 0;
    second_ = second;
  }

  std::array<std::uint32_t, kSeconds + 1> counts_{};
  std::int64_t second_ = 0;
  std::int64_t first_ = 0;  // with an event; 0: none yet
};

}  // namespace plotbridge
