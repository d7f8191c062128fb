#include "plugin/app/route_plan.h"

#include "plugin/decode/decoder_factory.h"
#include "plugin/decode/name_glob.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plotbridge::app {
namespace {

constexpr std::array kTimeFormats = {TimeFormat::kPlotly, TimeFormat::kIso8601,
                                     TimeFormat::kUnixMs};

std::vector<std::string_view> error_kinds(DecodeType type) {
  std::vector<std::string_view> kinds;
  for (const KnownDecodeError& known : kDecodeErrors) {
    if (known.is_of(type)) kinds.push_back(known.word);
  }
  return kinds;
}

}  // namespace

RoutePlan::RoutePlan(const config::Route& route,
                     std::shared_ptr<const decode::ProtoSchemas> schemas)
    : topic(route.topics.front()),
      use_retained(route.use_retained),
      sparkplug(route.decode.type == DecodeType::kSparkplug),
      max_points(route.decode.max_points),
      metrics(route.decode.metrics),
      streams(route.streams),
      plan(route.point),
      deadband(route.deadband),
      error_kinds_(error_kinds(route.decode.type)) {
  if (route.when) {
    when.emplace(*route.when);
    when_field = route.when->field.steps.empty() ? "$value" : route.when->field.to_string();
    when_slot = plan.add_field(route.when->field);
  }
  const auto& keys = plan.keys();
  y_index = static_cast<std::size_t>(std::ranges::find(keys, "y") - keys.begin());
  decoder = decode::make_decoder(route.decode, plan.fields(), std::move(schemas));
  for (const TimeFormat format : kTimeFormats) encoders_.emplace_back(keys, format);
}

const encode::LineEncoder& RoutePlan::encoder(TimeFormat format) const {
  return encoders_[static_cast<std::size_t>(format)];
}

bool RoutePlan::takes_metric(std::string_view metric) const {
  if (metrics.empty()) {
    // Switches of the edge node, not measurements.
    return !metric.starts_with("Node Control/") && !metric.starts_with("Device Control/");
  }
  return std::ranges::any_of(
      metrics, [&](const std::string& glob) { return decode::matches_glob(glob, metric); });
}

void RoutePlan::fill_slots(const decode::SparkplugSample& sample, std::vector<Value>& slots) const {
  slots.clear();
  for (const FieldPath& field : plan.fields()) {
    if (field.steps.empty()) {
      slots.push_back(sample.value);
    } else if (field.steps[0] == FieldPath::Step("$metric")) {
      slots.push_back(Value::of_text(sample.metric));
    } else {
      slots.push_back(Value::of_time(sample.at));
    }
  }
}

RouteCounts RoutePlan::counts() const {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  return {topic,
          messages.load(kRelaxed),
          points.load(kRelaxed),
          filtered_when.load(kRelaxed),
          filtered_deadband.load(kRelaxed),
          errors.counts(),
          error_kinds_,
          errors.last()};
}

}  // namespace plotbridge::app
