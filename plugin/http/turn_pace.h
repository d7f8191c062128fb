// When the next turn may be taken by a client that proved nothing: making what is large for it
// holds the server's loop, so that all together take a part of its time, however many ask and
// whatever it is. Pure: time comes in; one thread at a time.
#pragma once

#include "plugin/base/time.h"

namespace plotbridge::http {

class TurnPace {
 public:
  /// One of so many parts of the loop's time is theirs.
  static constexpr int kShare = 5;

  TimePoint next() const { return next_; }
  /// One was taken, which took so long and ended now.
  void took(Duration used, TimePoint now) { next_ = now + (kShare - 1) * used; }

 private:
  TimePoint next_{};
};

}  // namespace plotbridge::http
