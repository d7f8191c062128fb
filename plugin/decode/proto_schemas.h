// The protobuf types that a configuration names: read from .proto files as they are, and from
// descriptor sets (protoc --descriptor_set_out). Leaves to others: reading files, and payloads.
// Const after `load`; any thread.
#pragma once

#include "plugin/decode/proto_type.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

/// One entry of `schemas`; paths as the system takes them.
struct ProtoSource {
  std::string proto;
  std::vector<std::string> import_paths;  // empty: the folder of `proto`
  std::string descriptor_set;             // in place of `proto`
};

/// What is wrong with a file.
struct ProtoFlaw {
  std::string file;
  int line = 0;  // counts from 1, as the column does; 0: of the whole file
  int column = 0;
  std::string what;
};

class ProtoSchemas {
 public:
  /// The bytes of a file; nothing: it is not there, or cannot be read.
  using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

  /// All of the sources together; google/protobuf/*.proto need not be on an import path. What is
  /// wrong is added to `flaws`; then the types that are whole are there all the same.
  static std::shared_ptr<const ProtoSchemas> load(const std::vector<ProtoSource>& sources,
                                                  const ReadFile& read_file,
                                                  std::vector<ProtoFlaw>& flaws);
  ~ProtoSchemas();
  ProtoSchemas(const ProtoSchemas&) = delete;
  ProtoSchemas& operator=(const ProtoSchemas&) = delete;

  /// By its full name, or by the last part of it where only one message has that; null: not there.
  const ProtoType* find(std::string_view message) const;
  /// The full names of the messages that the sources themselves hold, in order.
  std::vector<std::string> message_names() const;

 private:
  explicit ProtoSchemas(const ReadFile& read_file);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plotbridge::decode
