// YAML to compact JSON, plain scalars typed as the core schema of YAML 1.2 does; numbers keep their
// digits. Leaves to others: what the JSON is for. Pure; any thread.
#pragma once

#include "plugin/config/mistakes.h"
#include "plugin/config/node.h"

#include <string>

namespace plotbridge::config {

/// What the core schema takes a plain scalar for. A null is kNull.
enum class ScalarType { kNull, kBoolean, kNumber, kText };
ScalarType scalar_type(const Node& scalar);

/// `node` as JSON. Tells doubled keys in it. Infinities and not-a-number are null.
std::string to_json(const Node& node, const std::string& path, Mistakes& mistakes);

/// `text`, valid UTF-8, as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace plotbridge::config
