// Whether a message type has a field, before any message has come. Leaves to others: wording (what
// is near, what there is). Pure; any thread.
#pragma once

#include "plugin/decode/proto_type.h"
#include "plugin/model/field_path.h"

#include <string>
#include <vector>

namespace plotbridge::decode {

/// Where a path leads, or why it leads nowhere.
struct ProtoPathEnd {
  const ProtoField* field = nullptr;  // null: it leads nowhere, or to the whole message
  bool element = false;               // it ends at one element of `field`, or one key of a map
  std::string flaw;                   // empty: none
  std::string unknown;                // the name that is none, of the message `message`
  std::vector<std::string> names;     // and those there are
};

ProtoPathEnd find_proto_field(const ProtoType& type, const FieldPath& path);

/// The type of the elements of repeated field `path`, for `each`; null: they are no messages.
const ProtoType* element_type(const ProtoPathEnd& end);

}  // namespace plotbridge::decode
