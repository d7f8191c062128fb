// Times as a line writes them: UTC, to the millisecond (what is finer is cut off), whatever the
// locale and time zone. Pure; any thread.
#pragma once

#include "plugin/model/value.h"

#include <string>

namespace plotbridge::encode {

/// Appends `time` as a JSON value: a string with its quotes, or for kUnixMs a number.
void append_time(WallTime time, TimeFormat format, std::string& out);

}  // namespace plotbridge::encode
