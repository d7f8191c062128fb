// What a Sparkplug metric's value means, by its datatype: signed integers in unsigned fields,
// times, arrays in bytes, data sets as rows, templates as objects. Leaves to others: which datatype
// an alias has (sparkplug_node). Pure; any thread.
#pragma once

#include "plugin/decode/sparkplug_payload.h"
#include "plugin/model/line.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace plotbridge::decode {

/// The datatypes that are asked for by name here; the specification has the others between.
enum SparkplugDatatype : std::uint32_t {
  kInt8 = 1,
  kInt64 = 4,
  kUInt8 = 5,
  kUInt64 = 8,
  kSparkplugFloat = 9,
  kSparkplugDouble = 10,
  kBoolean = 11,
  kDateTime = 13,
  kInt8Array = 22,
  kUInt64Array = 29,
  kFloatArray = 30,
  kDoubleArray = 31,
  kBooleanArray = 32,
  kStringArray = 33,
  kDateTimeArray = 34,
};

/// `datatype` 0: not known, then the field decides. A value that is absent, null, of bad quality or
/// not what its datatype says is null; `text` may hold what the value shows.
Value sparkplug_value(const SparkplugMetric& metric, std::uint32_t datatype, std::string& text);

/// The same, but nothing when its text would take more than `room` bytes; the work is bounded by
/// that, too.
std::optional<Value> sparkplug_value(const SparkplugMetric& metric, std::uint32_t datatype,
                                     std::size_t room, std::string& text);

}  // namespace plotbridge::decode
