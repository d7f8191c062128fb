// When tests with a clock of their own begin: any time, far from the clock's zero.
#pragma once

#include "plugin/base/time.h"

namespace plotbridge {

inline constexpr TimePoint kStart{std::chrono::hours(100)};

}  // namespace plotbridge
