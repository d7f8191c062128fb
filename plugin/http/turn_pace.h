// When the next turn may be taken by clients whose turns hold the server's loop: all together take
// a part of its time, however many ask and whatever it is. Pure: time comes in; one thread at a
// time.
#pragma once

#include "plugin/base/time.h"

namespace plotbridge::http {

class TurnPace {
 public:
  /// One of so many parts of the loop's time is theirs; 1: all that others leave.
  explicit TurnPace(int parts) : parts_(parts) {}

  TimePoint next() const { return next_; }
  /// One was taken, which took so long and ended now.
  void took(Duration used, TimePoint now) { next_ = now + (parts_ - 1) * used; }

 private:
  int parts_;
  TimePoint next_{};
};

}  // namespace plotbridge::http
