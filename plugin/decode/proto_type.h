// A protobuf message type as the wire walker needs it: plain tables, without the library that they
// were compiled from. Made by proto_schemas. Const; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

/// In the order of google::protobuf::FieldDescriptor::Type.
enum class ProtoKind : std::uint8_t {
  kDouble,
  kFloat,
  kInt64,
  kUint64,
  kInt32,
  kFixed64,
  kFixed32,
  kBool,
  kString,
  kGroup,
  kMessage,
  kBytes,
  kUint32,
  kEnum,
  kSfixed32,
  kSfixed64,
  kSint32,
  kSint64,
};

/// What a message is in JSON besides an object of its fields.
enum class WellKnown : std::uint8_t {
  kNone,
  kTimestamp,
  kDuration,
  kWrapper,  // google.protobuf.DoubleValue and its like: the value alone
  kStruct,
  kListValue,
  kValue,
};

struct ProtoEnum {
  std::vector<std::pair<std::int32_t, std::string>> names;  // of aliases the first

  /// Empty: the number has no name.
  std::string_view name_of(std::int32_t number) const {
    for (const auto& [known, name] : names) {
      if (known == number) return name;
    }
    return {};
  }
};

struct ProtoType;

struct ProtoField {
  std::string name;
  std::uint32_t number = 0;
  ProtoKind kind = ProtoKind::kInt32;
  bool repeated = false;  // maps too
  bool map = false;       // `message` is then the entry, with key 1 and value 2
  /// Absent is something else than the default (proto2, `optional`, members of a oneof, messages).
  bool has_presence = false;
  int oneof = -1;            // which of the message's; -1: none
  std::string json_name;     // lowerCamelCase, for "did you mean"
  std::string default_json;  // of a scalar
  const ProtoType* message = nullptr;
  const ProtoEnum* enumeration = nullptr;
};

struct ProtoType {
  std::string name;  // full
  WellKnown well_known = WellKnown::kNone;
  std::vector<ProtoField> fields;  // in the order of declaration

  const ProtoField* find(std::string_view field) const {
    for (const ProtoField& known : fields) {
      if (known.name == field) return &known;
    }
    return nullptr;
  }
  /// The place in `fields`; the number of fields when there is none.
  std::size_t index_of(std::uint32_t number) const {
    // Mostly numbered from 1 in order.
    if (number - 1 < fields.size() && fields[number - 1].number == number) return number - 1;
    std::size_t i = 0;
    while (i < fields.size() && fields[i].number != number) ++i;
    return i;
  }
};

/// Whether what is in the field are the bytes of a message.
inline bool is_message(const ProtoField& field) {
  return field.kind == ProtoKind::kMessage || field.kind == ProtoKind::kGroup;
}

}  // namespace plotbridge::decode
