// One route of the configuration, ready for speed, and what it counted. Leaves to others: finding
// the route of a message and writing its lines (pipeline). The counters may be read from any
// thread, the rest belongs to the pipeline's.
#pragma once

#include "plugin/app/route_errors.h"
#include "plugin/config/config.h"
#include "plugin/decode/decoder.h"
#include "plugin/decode/sparkplug_host.h"
#include "plugin/encode/line_encoder.h"
#include "plugin/shape/deadband.h"
#include "plugin/shape/point_plan.h"
#include "plugin/shape/when.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::app {

struct RouteCounts {
  std::string topic;  // the first filter, as written
  std::uint64_t messages = 0;
  std::uint64_t points = 0;             // that became lines
  std::uint64_t filtered_when = 0;      // points
  std::uint64_t filtered_deadband = 0;  // points
  RouteErrors::Counts decode_errors;
  std::vector<std::string_view> error_kinds;  // those that may come, for a start with 0
  std::optional<RouteError> last_error;
};

class RoutePlan {
 public:
  RoutePlan(const config::Route& route, std::shared_ptr<const decode::ProtoSchemas> schemas);

  const encode::LineEncoder& encoder(TimeFormat format) const;
  /// Whether the route's `when` lets a sample through.
  bool wants(std::span<const Value> slots) const { return !when || when->holds(slots[when_slot]); }
  /// Whether the route's `deadband` lets a point of the series `series` through.
  bool admits(shape::Deadband& series, std::span<const Value> values, TimePoint now) const {
    return !deadband || series.admits(*deadband, values[y_index], now);
  }

  /// Of a Sparkplug route: whether it takes the metric; and what the slots of its samples are.
  bool takes_metric(std::string_view metric) const;
  void fill_slots(const decode::SparkplugSample& sample, std::vector<Value>& slots) const;
  std::size_t y() const { return y_index; }

  /// Of the pipeline's thread alone, so that it costs no locked addition.
  void count_point() {
    points.store(points.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  RouteCounts counts() const;

  std::string topic;  // names the route in logs and metrics
  bool use_retained;
  bool sparkplug;
  std::size_t max_points;
  std::vector<std::string> metrics;  // globs
  std::vector<CaptureTemplate> streams;
  shape::PointPlan plan;
  std::string when_field;
  std::optional<shape::When> when;
  std::optional<DeadbandSpec> deadband;
  std::unique_ptr<decode::Decoder> decoder;
  RouteErrors errors;
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> points{0};
  std::atomic<std::uint64_t> filtered_when{0};
  std::atomic<std::uint64_t> filtered_deadband{0};

 private:
  std::size_t when_slot = 0;
  std::size_t y_index = 0;
  std::vector<encode::LineEncoder> encoders_;  // one for each time format
  std::vector<std::string_view> error_kinds_;
};

}  // namespace plotbridge::app
