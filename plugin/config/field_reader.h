// The name of a field as a route writes it, held against what its payloads can have. Leaves to
// others: finding it in a payload (decode). Pure; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/model/decode_spec.h"
#include "plugin/model/field_path.h"

#include <string_view>

namespace plotbridge::config {

/// As in `decode.type`.
std::string_view name_of(DecodeType type);

/// `text` is a path, or $value for the whole. Error: what is wrong with it, and what there is.
Result<FieldPath> read_field(std::string_view text, const DecodeSpec& decode);

}  // namespace plotbridge::config
