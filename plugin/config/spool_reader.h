// The `spool` block. Leaves to others: what must be true of the broker for it (yaml_loader). Any
// thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>

namespace plotbridge::config {

Spool read_spool(const MapReader& map, const std::string& folder);

/// Tells what keeps messages with the broker while something is full, if the broker would forget
/// them.
void check_blocking(const MapReader& root, const Config& config);

}  // namespace plotbridge::config
