// How long a turn waits for room in a pool before it is taken all the same, because those who hold
// the pool do not read. Pure; one thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <optional>
#include <utility>

namespace plotbridge::http {

class RoomWait {
 public:
  /// The pool is full for so long: its holders do not read.
  static constexpr Duration kLongest = std::chrono::seconds(1);
  /// Nobody has looked for so long: the pool may have had room meanwhile. Shorter pauses count as
  /// none, so that one who comes back for each part does not wait a second for each.
  static constexpr Duration kPause = std::chrono::seconds(5);

  /// A look at the pool; whether a turn is taken now.
  bool is_over(bool has_room, TimePoint now) {
    const TimePoint looked_at = std::exchange(looked_at_, now);
    if (has_room) {
      full_since_.reset();
      return true;
    }
    if (!full_since_ || now - looked_at >= kPause) full_since_ = now;
    return now - *full_since_ >= kLongest;
  }

 private:
  std::optional<TimePoint> full_since_;
  TimePoint looked_at_{};
};

}  // namespace plotbridge::http
