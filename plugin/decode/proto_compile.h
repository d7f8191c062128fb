// From the library's descriptors to our own tables, each message once, those that it refers to with
// it. Used by proto_schemas alone; one thread.
#pragma once

#include "plugin/decode/proto_type.h"

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace google::protobuf {
class Descriptor;
class EnumDescriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace plotbridge::decode {

class ProtoCompiler {
 public:
  /// Lives as long as the compiler.
  const ProtoType* compile(const google::protobuf::Descriptor& message);

 private:
  using Message = google::protobuf::Descriptor;

  /// Its fields may come later: messages hold each other, however many.
  ProtoType* type_of(const Message& message);
  ProtoField compile(const google::protobuf::FieldDescriptor& field);
  const ProtoEnum* compile(const google::protobuf::EnumDescriptor& enumeration);

  std::deque<ProtoType> types_;
  std::deque<ProtoEnum> enums_;
  std::vector<std::pair<const Message*, ProtoType*>> without_fields_;
  std::unordered_map<const google::protobuf::Descriptor*, ProtoType*> known_types_;
  std::unordered_map<const google::protobuf::EnumDescriptor*, ProtoEnum*> known_enums_;
};

}  // namespace plotbridge::decode
