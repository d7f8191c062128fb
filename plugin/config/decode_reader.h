// The `decode` block of a route: how its payloads are packed and what is in them. Leaves to others:
// decoding. Pure; any thread.
#pragma once

#include "plugin/config/map_reader.h"
#include "plugin/model/decode_spec.h"

#include <optional>

namespace plotbridge::config {

/// Nothing when the type is wrong, which is told; then what depends on it cannot be checked.
std::optional<DecodeSpec> read_decode(const MapReader& decode);

}  // namespace plotbridge::config
