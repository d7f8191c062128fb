#include "plugin/decode/proto_path.h"

#include <variant>

namespace plotbridge::decode {
namespace {

ProtoPathEnd nowhere(std::string flaw) {
  ProtoPathEnd end;
  end.flaw = std::move(flaw);
  return end;
}

ProtoPathEnd no_field(const ProtoType& type, const std::string& name) {
  ProtoPathEnd end = nowhere("message " + type.name + " has no field `" + name + '`');
  end.unknown = name;
  for (const ProtoField& field : type.fields) {
    end.names.push_back(field.name);
    // Written as in JSON: then the name of the .proto file is what was meant.
    if (field.json_name == name) end.unknown = field.name;
  }
  return end;
}

/// One element or key; `type` becomes that of what is in it, null where it is no message.
ProtoPathEnd take_element(const ProtoField& field, const FieldPath::Step& step,
                          const ProtoType*& type) {
  const bool index = std::holds_alternative<std::size_t>(step);
  if (field.map && index) {
    return nowhere("field `" + field.name + "` is a map: name a key as in " + field.name + ".key");
  }
  if (!field.map && !index) {
    return nowhere("field `" + field.name + "` is repeated: take one as in " + field.name +
                   "[0], or use `each`");
  }
  type = field.message;
  if (field.map) type = field.message->fields[field.message->index_of(2)].message;
  return {};
}

}  // namespace

ProtoPathEnd find_proto_field(const ProtoType& type, const FieldPath& path) {
  const ProtoType* at = &type;
  ProtoPathEnd end;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const auto* name = std::get_if<std::string>(&path.steps[i]);
    if (at == nullptr) return nowhere("field `" + end.field->name + "` has no fields of its own");
    if (name == nullptr) {
      return nowhere(end.field == nullptr
                         ? "a message has names, not numbers"
                         : "field `" + end.field->name + "` is not repeated: it has no index");
    }
    end.field = at->find(*name);
    if (end.field == nullptr) return no_field(*at, *name);
    end.element = false;
    at = end.field->message;
    if (!end.field->repeated || i + 1 == path.steps.size()) continue;
    if (auto flawed = take_element(*end.field, path.steps[++i], at); !flawed.flaw.empty()) {
      return flawed;
    }
    end.element = true;
  }
  return end;
}

const ProtoType* element_type(const ProtoPathEnd& end) { return end.field->message; }

}  // namespace plotbridge::decode
