// The blocks `endpoint` and `server`: who takes the streams. Leaves to others: connecting and
// listening. Pure; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>

namespace plotbridge::config {

/// Relative files start at `folder`.
Endpoint read_endpoint(const MapReader& map, const std::string& folder);
/// `folder` is where relative files of secrets start.
Server read_server(const MapReader& map, const std::string& folder);
/// `listen` of any block: HOST:PORT. True when it was set.
bool read_listen(const MapReader& map, Listen& out);

}  // namespace plotbridge::config
