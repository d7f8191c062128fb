// Whole messages, repeated fields and maps as JSON: names as in the .proto file, otherwise as
// protobuf's canonical mapping has it, but 64-bit integers are numbers. Leaves to others: which
// fields are wanted (proto_plan). One thread at a time.
#pragma once

#include "plugin/decode/proto_wire.h"

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

/// What stopped the reading of a message.
struct ProtoStop {
  const char* at = nullptr;  // in the message's bytes
  std::string what;          // "expected ..."
  std::string_view message;  // full name of the type
};

/// Notes in `stop` what `reader` says of a message of this type; false.
bool stopped(const WireReader& reader, const ProtoType& type, ProtoStop& stop);

/// The values of a message's fields, field by field in the order of the type; of a singular scalar
/// the last alone, of a oneof its last member alone.
class ProtoFields {
 public:
  /// False: `stop` says why.
  bool read(const ProtoType& type, std::string_view bytes, ProtoStop& stop);
  std::span<const WireValue> of(std::size_t field) const { return values_[field]; }

 private:
  std::vector<std::vector<WireValue>> values_;
};

/// Appends one occurrence of a repeated or packed field to `values`; otherwise that one value.
bool read_value(WireReader& reader, const ProtoField& field, WireType type,
                std::vector<WireValue>& values);
/// Whether values of the field may come with this wire type.
bool fits(const ProtoField& field, WireType type);

class ProtoJson {
 public:
  /// Room for what a value becomes: a few bytes may stand for many.
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;

  // Each of these appends to `out`; false: `stop()` says why.
  bool append_message(const ProtoType& type, std::string_view bytes, std::string& out);
  /// All values of a field; a message's are merged.
  bool append_field(const ProtoField& field, std::span<const WireValue> values, std::string& out);
  bool append_value(const ProtoField& field, const WireValue& value, std::string& out);

  /// The key of a map's entry as text, and its value, merged if it is a message; a part that is not
  /// there is its default. False: `stop()` says why.
  bool read_entry(const ProtoField& map, std::string_view bytes, std::string& key,
                  WireValue& value);

  const ProtoStop& stop() const { return stop_; }
  /// Before a new payload: what was joined is forgotten.
  void clear() { joined_.clear(); }
  /// The bytes of a message that came in several pieces.
  std::string_view joined(std::span<const WireValue> pieces);

 private:
  bool append_fields(const ProtoType& type, const ProtoFields& fields, std::string& out);
  bool append_map(const ProtoField& field, std::span<const WireValue> entries, std::string& out);
  bool append_well_known(const ProtoType& type, const ProtoFields& fields, std::string_view bytes,
                         std::string& out);
  bool fail(std::string_view bytes, std::string what, const ProtoType& type);

  std::deque<std::string> joined_;
  std::size_t depth_ = 0;
  ProtoStop stop_;
};

/// The seconds and nanoseconds of a Timestamp or Duration.
struct ProtoTime read_time(const ProtoFields& fields);

}  // namespace plotbridge::decode
