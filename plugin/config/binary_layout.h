// The `fields` of a binary payload: names, types and places. Leaves to others: reading bytes
// (decode). Pure; any thread.
#pragma once

#include "plugin/config/map_reader.h"
#include "plugin/model/decode_spec.h"

#include <vector>

namespace plotbridge::config {

/// A field without `at` follows the one before it. What is wrong is told.
std::vector<BinaryField> read_binary_layout(const MapReader& decode);

}  // namespace plotbridge::config
