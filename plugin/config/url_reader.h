// A URL under a key, with one of a few schemes. Leaves to others: what it leads to. Never repeats
// the URL, which may hold a password. Any thread.
#pragma once

#include "plugin/config/address.h"
#include "plugin/config/map_reader.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plotbridge::config {

/// The URL in its parts; `out` becomes its text, the scheme in lower case and without a lone slash
/// behind the host. Nothing when the key is absent or what was wrong was told.
std::optional<Url> read_url(const MapReader& map, std::string_view key,
                            std::span<const std::string_view> schemes, std::string& out);

}  // namespace plotbridge::config
