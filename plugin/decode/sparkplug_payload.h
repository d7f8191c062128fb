// A Sparkplug B payload as it stands on the wire (proto/sparkplug_b.proto): its metrics one after
// the other, nothing copied. Leaves to others: what an alias or a datatype means (sparkplug_node,
// sparkplug_value). One thread at a time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/decode/proto_wire.h"
#include "plugin/model/decode_spec.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

/// Which of a metric's value fields was there; of several the last.
enum class SparkplugField : std::uint8_t {
  kNone,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBoolean,
  kString,
  kBytes,
  kDataSet,
  kTemplate,
  kExtension,
};

/// Longer names of metrics are refused: what a name costs later is a multiple of its length.
inline constexpr std::size_t kMaxMetricNameBytes = 4096;

struct SparkplugMetric {
  std::string_view name;  // empty: by alias
  std::optional<std::uint64_t> alias;
  std::optional<std::uint64_t> timestamp;  // milliseconds since 1970
  std::uint32_t datatype = 0;              // 0: not said
  bool is_historical = false;
  bool is_null = false;
  SparkplugField field = SparkplugField::kNone;
  std::uint64_t bits = 0;       // of a number, as on the wire
  std::string_view bytes;       // of anything else
  std::string_view properties;  // the bytes of a PropertySet
};

struct SparkplugPayload {
  std::optional<std::uint64_t> timestamp;
  std::optional<std::uint64_t> seq;
  std::string_view uuid;
  std::string_view body;
  std::vector<SparkplugMetric> metrics;
  std::string_view bytes;  // all of it

  /// Replaces what was there, and keeps its room. They borrow `all`. Errors: `sparkplug`, at a
  /// byte of `all`, also for a name longer than kMaxMetricNameBytes, and `too_many_points` for
  /// more metrics than `most_metrics`.
  tl::expected<void, DecodeError> read(std::string_view all,
                                       std::size_t most_metrics = kDefaultMaxPoints);
};

/// Reads one metric; false: `reader` says why.
bool read_sparkplug_metric(std::string_view bytes, SparkplugMetric& metric, WireReader& reader);

/// The quality that the metric's properties tell: 0 bad, 192 good, 500 stale; nothing: none.
std::optional<std::uint64_t> quality_of(const SparkplugMetric& metric);

}  // namespace plotbridge::decode
