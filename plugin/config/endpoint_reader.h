// The block `endpoint`: who takes the streams. Leaves to others: connecting. Pure; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>

namespace plotbridge::config {

/// Relative files start at `folder`.
Endpoint read_endpoint(const MapReader& map, const std::string& folder);

}  // namespace plotbridge::config
