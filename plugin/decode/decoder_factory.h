// The explicit list of decoders: what a route's `decode` says and the fields it uses, to a decoder.
// Any thread.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/decode/proto_schemas.h"
#include "plugin/model/decode_spec.h"
#include "plugin/model/field_path.h"

#include <memory>
#include <vector>

namespace plotbridge::decode {

/// `fields[i]` is what slot i of a sample holds; a path without steps is the whole value
/// (`$value`). Fields that a type cannot have are refused by config before.
/// `schemas` are those of a protobuf message.
std::unique_ptr<Decoder> make_decoder(const DecodeSpec& spec, const std::vector<FieldPath>& fields,
                                      std::shared_ptr<const ProtoSchemas> schemas = nullptr);

}  // namespace plotbridge::decode
