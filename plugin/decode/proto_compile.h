// From the library's descriptors to our own tables, each message once, those that it refers to with
// it. Used by proto_schemas alone; one thread.
#pragma once

#include "plugin/decode/proto_type.h"

#include <deque>
#include <string>
#include <unordered_map>

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
  ProtoField compile(const google::protobuf::FieldDescriptor& field);
  const ProtoEnum* compile(const google::protobuf::EnumDescriptor& enumeration);

  std::deque<ProtoType> types_;
  std::deque<ProtoEnum> enums_;
  std::unordered_map<const google::protobuf::Descriptor*, ProtoType*> known_types_;
  std::unordered_map<const google::protobuf::EnumDescriptor*, ProtoEnum*> known_enums_;
};

}  // namespace plotbridge::decode
