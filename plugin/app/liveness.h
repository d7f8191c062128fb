// Whether a loop still turns, seen from outside: its count of turns must move between two looks.
// The caller nudges the loop at each look, so that one that merely sleeps shows life by the next.
// One thread.
#pragma once

#include "plugin/base/time.h"

#include <cstdint>

namespace plotbridge::app {

class Liveness {
 public:
  /// Dead is who has not turned for this long in spite of being nudged.
  explicit Liveness(Duration patience) : patience_(patience) {}

  bool alive(std::uint64_t turns, TimePoint now) {
    if (turns != turns_ || !nudged_) {
      turns_ = turns;
      nudged_ = true;
      since_ = now;
    }
    return now - since_ < patience_;
  }

 private:
  Duration patience_;
  std::uint64_t turns_ = 0;
  bool nudged_ = false;
  TimePoint since_;
};

}  // namespace plotbridge::app
