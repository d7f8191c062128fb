// The block `server`, and where any server listens. Leaves to others: listening. Pure; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>

namespace plotbridge::config {

/// `folder` is where relative files of secrets and certificates start.
Server read_server(const MapReader& map, const std::string& folder);
/// Whether nobody but this machine can reach any of its ports.
bool is_on_loopback(const Server& server);
/// `listen` of any block: HOST:PORT. True when it was set.
bool read_listen(const MapReader& map, Listen& out);

}  // namespace plotbridge::config
