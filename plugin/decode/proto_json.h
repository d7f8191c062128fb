// Whole messages, repeated fields and maps as JSON: names as in the .proto file, otherwise as
// protobuf's canonical mapping has it, but 64-bit integers are numbers. Leaves to others: which
// fields are wanted (proto_plan). One thread at a time.
#pragma once

#include "plugin/decode/json_text.h"
#include "plugin/decode/proto_budget.h"
#include "plugin/decode/proto_wire.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

/// What stopped the reading of a message.
struct ProtoStop {
  const char* at = nullptr;           // in the message's bytes
  std::string what;                   // "expected ..."
  std::string_view message;           // full name of the type
  DecodeErrorKind kind = "protobuf";  // of the error
};

/// Notes in `stop` what the budget refused, else what `reader` says of a message of this type;
/// false.
bool stopped(const WireReader& reader, const ProtoType& type, const ProtoBudget& budget,
             ProtoStop& stop);

/// The values of a message's fields, field by field in the order of the type; of a singular scalar
/// the last alone, of a oneof its last member alone.
class ProtoFields {
 public:
  explicit ProtoFields(ProtoBudget& budget) : budget_(budget) {}
  ~ProtoFields() {
    for (auto& values : values_) budget_.release(values.size());
  }
  ProtoFields(const ProtoFields&) = delete;
  ProtoFields& operator=(const ProtoFields&) = delete;

  /// False: `stop` says why.
  bool read(const ProtoType& type, std::string_view bytes, ProtoStop& stop);
  std::span<const WireValue> of(std::size_t field) const { return values_[field]; }

 private:
  void clear(std::size_t field) {
    budget_.release(values_[field].size());
    values_[field].clear();
  }

  ProtoBudget& budget_;
  std::vector<std::vector<WireValue>> values_;
};

/// Appends one occurrence of a repeated or packed field to `values`, of which `keep` are wanted;
/// otherwise that one value. False: `budget` has refused it, else `reader` says why.
bool read_value(WireReader& reader, const ProtoField& field, WireType type,
                std::vector<WireValue>& values, ProtoBudget& budget, std::size_t keep = SIZE_MAX);
/// Whether values of the field may come with this wire type.
bool fits(const ProtoField& field, WireType type);

class ProtoJson {
 public:
  explicit ProtoJson(ProtoBudget& budget) : budget_(budget) {}

  /// Before each value: what may be appended to `out` follows the budget; after it, that is
  /// charged.
  void begin_value(const std::string& out) { end_ = out.size() + budget_.text_room(); }

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
  /// The bytes of a message that came in several pieces. Nothing: `stop()` says why.
  std::optional<std::string_view> joined(std::span<const WireValue> pieces, const ProtoType& type);

 private:
  bool append_fields(const ProtoType& type, const ProtoFields& fields, std::string& out);
  bool append_map(const ProtoField& field, std::span<const WireValue> entries, std::string& out);
  bool append_well_known(const ProtoType& type, const ProtoFields& fields, std::string_view bytes,
                         std::string& out);
  bool append_members(const ProtoField& value_field,
                      std::span<const std::pair<std::string, WireValue>> members, std::string& out);
  bool append_text(std::string_view text, std::string& out) {
    return append_quoted(text, out, room(out)) || refused(text);
  }
  std::size_t room(const std::string& out) const { return end_ - std::min(end_, out.size()); }
  /// Whether what was appended so far fits.
  bool fits(const std::string& out, std::string_view bytes) {
    return out.size() <= end_ || refused(bytes);
  }
  /// Notes that there is no room for what `bytes` become; false.
  bool refused(std::string_view bytes);
  bool fail(std::string_view bytes, std::string what, const ProtoType& type);

  ProtoBudget& budget_;
  std::size_t end_ = 0;  // of what may be appended
  std::deque<std::string> joined_;
  std::size_t depth_ = 0;
  ProtoStop stop_;
};

/// The seconds and nanoseconds of a Timestamp or Duration.
struct ProtoTime read_time(const ProtoFields& fields);

}  // namespace plotbridge::decode
