// The explicit list of decoders: a decode type and the fields a route uses to a decoder. Any
// thread.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/model/field_path.h"

#include <memory>
#include <vector>

namespace plotbridge::decode {

enum class Type { kNumber, kText, kJson };

/// `fields[i]` is what slot i of a sample holds; a path without steps is the whole value
/// (`$value`). number and text have no other field: config refuses them before.
std::unique_ptr<Decoder> make_decoder(Type type, const std::vector<FieldPath>& fields);

}  // namespace plotbridge::decode
