// What one value on the wire means, by the kind of its field. 64-bit integers stay numbers; an enum
// is its name, or its number when it has none; bytes are base64. Pure; any thread.
#pragma once

#include "plugin/decode/proto_wire.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace plotbridge::decode {

/// As JSON. Not for messages. False, and nothing appended, when a text takes more than `room`
/// bytes.
bool append_scalar(const ProtoField& field, const WireValue& value, std::string& out,
                   std::size_t room = SIZE_MAX);

/// As a value, whose text may be put into `text`, or is borrowed from the payload or the schema.
/// Not for messages.
Value scalar_value(const ProtoField& field, const WireValue& value, std::string& text);

/// `json` as JSON writes a field's default.
Value default_value(const ProtoField& field);

/// What a Timestamp or Duration holds.
struct ProtoTime {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
};

/// Nothing: outside the years that a WallTime counts.
std::optional<WallTime> wall_time_of(const ProtoTime& time);
/// `"2026-11-23T16:40:00.123Z"`, `"1.5s"`: with quotes and as many decimals as it needs. False, and
/// nothing appended, when it is outside the range that protobuf allows.
bool append_timestamp(const ProtoTime& time, std::string& out);
bool append_duration(const ProtoTime& time, std::string& out);

}  // namespace plotbridge::decode
