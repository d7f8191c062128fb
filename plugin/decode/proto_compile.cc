#include "plugin/decode/proto_compile.h"

#include "plugin/base/number_text.h"
#include "plugin/decode/json_text.h"

#include <google/protobuf/descriptor.h>

#include <string_view>

namespace plotbridge::decode {
namespace {

namespace pb = google::protobuf;

WellKnown well_known(const pb::Descriptor& message) {
  // As a number: protobuf asks for a `default`, and compilers for every name.
  switch (static_cast<int>(message.well_known_type())) {
    case pb::Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
    case pb::Descriptor::WELLKNOWNTYPE_FLOATVALUE:
    case pb::Descriptor::WELLKNOWNTYPE_INT64VALUE:
    case pb::Descriptor::WELLKNOWNTYPE_UINT64VALUE:
    case pb::Descriptor::WELLKNOWNTYPE_INT32VALUE:
    case pb::Descriptor::WELLKNOWNTYPE_UINT32VALUE:
    case pb::Descriptor::WELLKNOWNTYPE_STRINGVALUE:
    case pb::Descriptor::WELLKNOWNTYPE_BYTESVALUE:
    case pb::Descriptor::WELLKNOWNTYPE_BOOLVALUE:
      return WellKnown::kWrapper;
    case pb::Descriptor::WELLKNOWNTYPE_DURATION:
      return WellKnown::kDuration;
    case pb::Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return WellKnown::kTimestamp;
    case pb::Descriptor::WELLKNOWNTYPE_VALUE:
      return WellKnown::kValue;
    case pb::Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return WellKnown::kListValue;
    case pb::Descriptor::WELLKNOWNTYPE_STRUCT:
      return WellKnown::kStruct;
    default:  // of these, Any and FieldMask stand as they are
      break;
  }
  return WellKnown::kNone;
}

std::string default_json(const pb::FieldDescriptor& field) {
  std::string json;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      append_integer(field.default_value_int32(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_INT64:
      append_integer(field.default_value_int64(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      append_unsigned(field.default_value_uint32(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      append_unsigned(field.default_value_uint64(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      append_shortest(field.default_value_double(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      append_shortest(field.default_value_float(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      json = field.default_value_bool() ? "true" : "false";
      break;
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      append_quoted(field.default_value_enum()->name(), json);
      break;
    case pb::FieldDescriptor::CPPTYPE_STRING:
      json = "\"";
      if (field.type() == pb::FieldDescriptor::TYPE_BYTES) {
        append_base64(field.default_value_string(), json);
        json += '"';
      } else {
        json.clear();
        append_quoted(field.default_value_string(), json);
      }
      break;
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return json;
}

}  // namespace

const ProtoType* ProtoCompiler::compile(const pb::Descriptor& message) {
  const ProtoType* const compiled = type_of(message);
  while (!without_fields_.empty()) {
    const auto [descriptor, type] = without_fields_.back();
    without_fields_.pop_back();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      type->fields.push_back(compile(*descriptor->field(i)));
    }
  }
  return compiled;
}

ProtoType* ProtoCompiler::type_of(const pb::Descriptor& message) {
  const auto known = known_types_.find(&message);
  if (known != known_types_.end()) return known->second;
  ProtoType& type = types_.emplace_back();
  known_types_.emplace(&message, &type);
  without_fields_.emplace_back(&message, &type);
  type.name = message.full_name();
  type.well_known = well_known(message);
  return &type;
}

ProtoField ProtoCompiler::compile(const pb::FieldDescriptor& descriptor) {
  ProtoField field;
  // A group's field is named after its type, in lower case.
  field.name = descriptor.name();
  field.json_name = descriptor.json_name();
  field.number = static_cast<std::uint32_t>(descriptor.number());
  field.kind = static_cast<ProtoKind>(descriptor.type() - 1);
  field.repeated = descriptor.is_repeated();
  field.map = descriptor.is_map();
  field.has_presence = descriptor.has_presence();
  const pb::OneofDescriptor* oneof = descriptor.real_containing_oneof();
  if (oneof != nullptr) field.oneof = oneof->index();
  if (!field.repeated) field.default_json = default_json(descriptor);
  if (descriptor.message_type() != nullptr) field.message = type_of(*descriptor.message_type());
  if (descriptor.enum_type() != nullptr) field.enumeration = compile(*descriptor.enum_type());
  return field;
}

const ProtoEnum* ProtoCompiler::compile(const pb::EnumDescriptor& descriptor) {
  const auto known = known_enums_.find(&descriptor);
  if (known != known_enums_.end()) return known->second;
  ProtoEnum& result = enums_.emplace_back();
  known_enums_.emplace(&descriptor, &result);
  for (int i = 0; i < descriptor.value_count(); ++i) {
    result.names.emplace_back(descriptor.value(i)->number(), descriptor.value(i)->name());
  }
  return &result;
}

}  // namespace plotbridge::decode
