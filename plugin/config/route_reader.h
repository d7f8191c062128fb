// The `routes` block: topic filters, what is in their payloads, and which streams get it. Leaves to
// others: matching topics (route). Pure; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"
#include "plugin/config/stream_table.h"
#include "plugin/decode/proto_schemas.h"

#include <vector>

namespace plotbridge::config {

/// Notes in `table` which streams are named. `schemas`: null: there are none.
std::vector<Route> read_routes(const MapReader& config, const decode::ProtoSchemas* schemas,
                               StreamTable& table);

}  // namespace plotbridge::config
