// The `plots` block: what the page and the endpoint draw. Leaves to others: Plotly's own keys,
// which pass as JSON. Reads files that secrets name; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"
#include "plugin/config/stream_table.h"

#include <string>
#include <vector>

namespace plotbridge::config {

/// Notes in `table` which streams are named.
std::vector<Plot> read_plots(const MapReader& config, const std::string& folder,
                             StreamTable& table);

}  // namespace plotbridge::config
