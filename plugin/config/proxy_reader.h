// The key of an HTTP proxy: http://[USER:PASSWORD@]HOST[:PORT]. Leaves to others: speaking to it.
// Nothing it tells holds the password. Any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::config {

/// The proxy's host; nothing when the key is absent or what was wrong was told.
std::optional<std::string> read_proxy(const MapReader& map, std::string_view key, Proxy& out);

}  // namespace plotbridge::config
