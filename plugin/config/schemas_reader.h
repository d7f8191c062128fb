// The `schemas` block: where protobuf types come from. Reads those files. Leaves to others: which
// route uses which type. One thread at a time.
#pragma once

#include "plugin/config/map_reader.h"
#include "plugin/decode/proto_schemas.h"

#include <memory>
#include <string>

namespace plotbridge::config {

/// Null: there is no such block. Relative paths start at `folder`; what is wrong in the files is
/// told in them.
std::shared_ptr<const decode::ProtoSchemas> read_schemas(const MapReader& config,
                                                         const std::string& folder);

}  // namespace plotbridge::config
