// The `decode` block of a route: how its payloads are packed and what is in them. Leaves to others:
// decoding. Pure; any thread.
#pragma once

#include "plugin/config/map_reader.h"
#include "plugin/config/payload_fields.h"
#include "plugin/decode/proto_schemas.h"

#include <optional>

namespace plotbridge::config {

/// Nothing when the type is wrong, which is told; then what depends on it cannot be checked.
/// `schemas`: where protobuf messages come from; null: there are none.
std::optional<PayloadFields> read_decode(const MapReader& decode,
                                         const decode::ProtoSchemas* schemas);

}  // namespace plotbridge::config
