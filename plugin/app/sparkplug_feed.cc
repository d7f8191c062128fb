#include "plugin/app/sparkplug_feed.h"

#include <optional>

namespace plotbridge::app {

void SparkplugFeed::take(std::vector<Target*> takers, const Message& message) {
  if (takers.empty()) return;
  RoutePlan& first = *takers.front()->route;
  const auto topic = decode::parse_sparkplug_topic(message.topic);
  if (!topic) {
    return writer_.decode_error(
        first, message,
        {"sparkplug_topic", "expected spBv1.0/GROUP/TYPE/EDGE_NODE[/DEVICE] or spBv1.0/STATE/HOST",
         0});
  }
  const auto takes = [&](const Target* target) {
    return !message.retained || topic->certificate || target->route->use_retained;
  };
  std::erase_if(takers, [&](const Target* target) { return !takes(target); });
  if (takers.empty()) return;
  writer_.survive(first, message, [&] { take(takers, *topic, message); });
}

void SparkplugFeed::take(const std::vector<Target*>& takers, const decode::SparkplugTopic& topic,
                         const Message& message) {
  RoutePlan& first = *takers.front()->route;
  const auto on_sample = [&](const decode::SparkplugSample& sample) {
    for (Target* target : takers) take_metric(*target, topic, sample, message);
  };
  const double chance = std::uniform_real_distribution<double>(0, 1)(chance_);
  const std::unique_lock lock(mutex_);
  const auto outcome = host_.take(topic, message.payload, message.received_at,
                                  message.received_mono, chance, std::cref(on_sample));
  if (!outcome) return writer_.decode_error(first, message, outcome.error());
  if (outcome->duplicate) return;
  const bool birth = topic.type == decode::SparkplugType::kNodeBirth ||
                     topic.type == decode::SparkplugType::kDeviceBirth;
  if (birth && !topic.certificate && keep_birth_) keep_birth_(message.topic, message.payload);
  for (Target* target : takers) target->route->messages.fetch_add(1, std::memory_order_relaxed);
  if (outcome->node_died || outcome->device_died) {
    write_gaps(topic, outcome->node_died, outcome->died_at, message);
  }
  if (outcome->lost > 0) {
    writer_.decode_error(
        first, message,
        {"no_birth", std::to_string(outcome->lost) + " metrics without a name: " + outcome->rebirth,
         0});
  }
  if (!outcome->rebirth.empty() && nudge_ && host_.deadline() != kNever) nudge_();
}

void SparkplugFeed::take_metric(Target& target, const decode::SparkplugTopic& topic,
                                const decode::SparkplugSample& sample, const Message& message) {
  RoutePlan& route = *target.route;
  if (!route.takes_metric(sample.metric)) {
    if (!route.metrics.empty()) {
      writer_.explain_with(
          route.topic, [&] { return "decode.metrics leaves out " + std::string(sample.metric); });
    }
    return;
  }
  if (!sample.error.empty()) {
    return writer_.decode_error(
        route, message,
        {sample.error,
         "the value of metric " + std::string(sample.metric.substr(0, 100)) +
             " becomes more text than a line or a message may hold",
         0});
  }
  MetricSeries& known = metric_series(target, topic, sample.metric);
  if (!writer_.has_streams(known.series, message,
                           "add it to streams, or choose metrics by decode.metrics")) {
    return;
  }
  // After a gap the same value is news.
  if (std::exchange(known.deaths, deaths_) != deaths_) known.series.deadband = {};
  route.fill_slots(sample, slots_);
  writer_.write_sample(known.series, message, slots_);
}

SparkplugFeed::MetricSeries& SparkplugFeed::metric_series(Target& target,
                                                          const decode::SparkplugTopic& topic,
                                                          std::string_view metric) {
  const auto place = target.metrics.find(metric);
  if (place != target.metrics.end()) return *place->second;
  auto& known = target.metrics.emplace(metric, std::make_unique<MetricSeries>()).first->second;
  known->series.route = target.route;
  known->deaths = deaths_;
  const auto value_of = [&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "group") return topic.group;
    if (name == "edge_node") return topic.edge_node;
    if (name == "metric") return metric;
    if (name == "device") {
      return topic.device.empty() ? std::nullopt : std::optional(topic.device);
    }
    for (const auto& [captured, text] : target.captures) {
      if (captured == name) return text;
    }
    return std::nullopt;
  };
  writer_.find_streams(known->series, value_of);
  for (const std::size_t stream : known->series.streams) {
    fed_.add(topic, {target.route, stream, std::string(metric), known->series.rendered});
  }
  return *known;
}

void SparkplugFeed::write_gaps(const decode::SparkplugTopic& topic, bool whole_node, WallTime at,
                               const Message& message) {
  ++deaths_;
  fed_.each(topic, whole_node, [&](const FedStreams::Fed& fed) {
    fed.route->fill_slots({topic.device, fed.metric, Value::null(), at}, slots_);
    writer_.write_gap(*fed.route, fed.stream, fed.rendered, message, slots_);
  });
}

void SparkplugFeed::remember_birth(std::string_view topic, std::string_view payload) {
  auto parsed = decode::parse_sparkplug_topic(topic);
  if (!parsed) return;
  parsed->certificate = true;
  // One that is damaged is as if it had not been kept.
  static_cast<void>(host_.take(*parsed, payload, {}, {}, 0, [](const decode::SparkplugSample&) {}));
}

std::vector<SparkplugFeed::Command> SparkplugFeed::due_commands(TimePoint now, WallTime wall) {
  const std::lock_guard lock(mutex_);
  return host_.due(now, wall);
}

TimePoint SparkplugFeed::next_command() const {
  const std::lock_guard lock(mutex_);
  return host_.deadline();
}

}  // namespace plotbridge::app
