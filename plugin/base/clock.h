// The clocks, for rooms that are not pure: those take `now` as an argument. Any thread.
#pragma once

#include "plugin/base/time.h"

namespace plotbridge {

inline TimePoint steady_now() { return std::chrono::steady_clock::now(); }
inline WallTime wall_now() { return std::chrono::system_clock::now(); }
inline Moment moment_now() { return {steady_now(), wall_now()}; }

}  // namespace plotbridge
