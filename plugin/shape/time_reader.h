// Reads the times that payloads carry: numbers since 1970 in some unit, and ISO 8601. Leaves to
// others: writing times (encode). Pure; any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/model/time_unit.h"

#include <optional>
#include <string_view>

namespace plotbridge::shape {

/// The years that a WallTime counts, rounded in: 1678 to 2261.
///
/// `text` is a JSON number for the unix units, to the nanosecond; for ISO 8601 a date, perhaps with
/// a time of day (after T or a space) with or without seconds, a fraction and a zone (Z, +01:00,
/// +0100, +01; none is UTC). Nothing: it is none, or outside those years.
std::optional<WallTime> read_time(std::string_view text, TimeUnit unit);

/// "milliseconds since 1970": what `read_time` expects, for an error text.
std::string_view expected_time(TimeUnit unit);

}  // namespace plotbridge::shape
