// A schema that has everything, loaded by us.
#pragma once

#include "plugin/decode/proto_decoder.h"

#include "tests/decode/samples.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

namespace plotbridge::decode {

inline constexpr const char* kPlantProto = R"(syntax = "proto3";
package plant.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
enum State { UNKNOWN = 0; RUNNING = 1; TRIPPED = 2; }
message Winding { double temp = 1; string name = 2; repeated int32 codes = 3; Winding inner = 4; }
message Telemetry {
  string machine = 1;
  double temperature = 2;
  float pressure = 3;
  bool running = 4;
  int64 count = 5;
  uint64 energy = 6;
  sint32 delta = 7;
  fixed32 crc = 8;
  sfixed64 offset = 9;
  int32 level = 10;
  uint32 flags = 11;
  sint64 drift = 12;
  fixed64 big = 13;
  sfixed32 small = 14;
  State state = 15;
  bytes raw = 16;
  Winding winding = 17;
  repeated Winding windings = 18;
  repeated double samples = 19;
  repeated string labels = 20;
  map<string, double> tags = 21;
  map<int32, Winding> parts = 22;
  oneof reading { double number = 23; string text = 24; Winding detail = 25; }
  optional int32 maybe = 26;
  google.protobuf.Timestamp at = 27;
  google.protobuf.Duration took = 28;
  google.protobuf.DoubleValue set_point = 29;
  google.protobuf.Struct meta = 30;
  repeated State history = 31;
  repeated google.protobuf.Timestamp stamps = 32;
  repeated int32 loose = 33 [packed = false];
  google.protobuf.Value any_value = 34;
  map<bool, State> by_flag = 100;
}
)";

inline constexpr const char* kLegacyProto = R"(syntax = "proto2";
package legacy;
message Reading {
  optional int32 id = 1;
  optional double value = 2 [default = 2.5];
  optional string unit = 3 [default = "bar"];
  optional group Limits = 4 { optional int32 low = 1; optional int32 high = 2; }
  repeated group Row = 5 { optional int32 cell = 1; }
  repeated int32 packed = 6 [packed = true];
}
)";

class ProtoWorld {
 public:
  ProtoWorld() {
    std::vector<ProtoFlaw> flaws;
    schemas = ProtoSchemas::load(
        {{"plant.proto", {}, {}}, {"legacy.proto", {}, {}}},
        [](const std::string& path) -> std::optional<std::string> {
          if (path == "plant.proto") return kPlantProto;
          if (path == "legacy.proto") return kLegacyProto;
          return std::nullopt;
        },
        flaws);
    for (const ProtoFlaw& flaw : flaws) ADD_FAILURE() << flaw.file << ": " << flaw.what;
  }

  const ProtoType& type(std::string_view name) const { return *schemas->find(name); }

  ProtoDecoder decoder(std::string_view message, std::initializer_list<std::string_view> fields,
                       const std::optional<std::string>& each = std::nullopt,
                       bool delimited = false) const {
    std::optional<FieldPath> path;
    if (each) path = FieldPath::parse(*each).value();
    return {schemas, type(message), paths(fields), path, delimited};
  }

  std::shared_ptr<const ProtoSchemas> schemas;
};

}  // namespace plotbridge::decode
