// The block `server`, and where any server listens. Leaves to others: listening. Pure; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>
#include <string_view>

namespace plotbridge::config {

/// `folder` is where relative files of secrets and certificates start.
Server read_server(const MapReader& map, const std::string& folder);
/// Whether nobody but this machine can reach any of its ports.
bool is_on_loopback(const Server& server);
/// Whether tokens are taken that nobody announced: as `open` says, else where only this machine can
/// come.
bool takes_any_token(const Server& server);
/// Why the keys of `users` must not be asked for at the plain port, and what to do; empty: they
/// may.
std::string_view flaw_of_plain_port(const Server& server);
/// `listen` of any block: HOST:PORT. True when it was set.
bool read_listen(const MapReader& map, Listen& out);

}  // namespace plotbridge::config
