// The `broker` block. Leaves to others: connecting. Reads files that it names; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>

namespace plotbridge::config {

Broker read_broker(const MapReader& map, const std::string& folder);

}  // namespace plotbridge::config
