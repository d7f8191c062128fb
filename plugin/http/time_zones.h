// Local time in the zones of the IANA database that the system keeps. Any thread.
#pragma once

#include "plugin/base/time.h"

#include <string>
#include <string_view>

namespace plotbridge::http {

/// `2026-01-02 03:04:05.678` in `zone`, a name such as `Europe/Berlin`; in UTC when the system
/// knows no such zone.
std::string local_time(std::string_view zone, WallTime at);

}  // namespace plotbridge::http
