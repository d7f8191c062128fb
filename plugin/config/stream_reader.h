// The `streams` block: each stream, or a list of them in a file. Leaves to others: names that are
// used elsewhere (stream_table). Reads files that it names; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"
#include "plugin/config/stream_table.h"

#include <optional>
#include <string>

namespace plotbridge::config {

/// `most_rate`: lines a second that the endpoint takes of a stream, which is also the default of
/// max_rate.
void read_streams(const MapReader& config, const std::string& folder,
                  std::optional<double> most_rate, StreamTable& table);

}  // namespace plotbridge::config
