// What `plotbridge status` prints: a table of the streams and a line on the broker, for a person at
// a terminal. Leaves to others: where the report comes from. Pure; any thread.
#pragma once

#include "plugin/app/status_report.h"
#include "plugin/base/time.h"

#include <string>

namespace plotbridge::app {

/// Columns as wide as what stands in them. Control characters, which an endpoint's words may hold,
/// become spaces.
std::string status_table(const StatusReport& report, WallTime now);

}  // namespace plotbridge::app
