// How a message came, as far as its lines have to know. Plain value; any thread.
#pragma once

#include "plugin/base/time.h"

namespace plotbridge {

struct Arrival {
  TimePoint at;
  WallTime wall{};
  /// The broker is told that it was taken (QoS 1 and more), so it has to last.
  bool must_last = false;
};

}  // namespace plotbridge
