#include "plugin/app/sparkplug_feed.h"

#include "plugin/base/heap_bytes.h"
#include "plugin/base/scratch.h"

namespace plotbridge::app {

SparkplugFeed::SparkplugFeed(StateMemory& memory, PointWriter& writer, bool asks,
                             std::size_t most_metrics)
    : writer_(writer),
      host_(
          memory,
          [this](std::string_view group, std::string_view edge_node) {
            const std::lock_guard lock(mutex_);
            rebirths_.forget(group, edge_node);
          },
          most_metrics),
      asks_(asks) {}

void SparkplugFeed::take(std::vector<Target*> takers, const Message& message) {
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
  const OnExit forget([this] { series_.series = {}; });  // its texts may be as long as the topic
  const auto on_sample = [&](const decode::SparkplugSample& sample) {
    for (const Target* target : takers) take_metric(*target, topic, sample, message);
  };
  const bool keeps = topic.is_own_birth() && keep_birth_;
  bool taken = false;
  // Also what ends by an exception.
  const OnExit lose([&] {
    if (keeps && !taken) keep_birth_(message.topic, std::nullopt);
  });
  const auto outcome =
      host_.take(topic, message.payload, message.received_at, std::cref(on_sample));
  if (!outcome) return writer_.decode_error(first, message, outcome.error());
  taken = true;
  if (outcome->duplicate) return;
  if (keeps) keep_birth_(message.topic, message.payload);
  for (Target* target : takers) target->route->messages.fetch_add(1, std::memory_order_relaxed);
  if (!outcome->dead.empty()) write_gaps(*outcome, message);
  tell_loss(first, *outcome, message);
  if (asks_) note_rebirth(topic, *outcome, message);
}

void SparkplugFeed::take_metric(const Target& target, const decode::SparkplugTopic& topic,
                                const decode::SparkplugSample& sample, const Message& message) {
  RoutePlan& route = *target.route;
  writer_.charge_text(sample.metric.size() * route.metrics.size());
  if (!writer_.admits_more(route, message)) return;
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
  MetricSeries& known = metric_series(target, topic, sample);
  if (!writer_.has_streams(known.series, message,
                           "add it to streams, or choose metrics by decode.metrics")) {
    return;
  }
  const std::uint32_t life = sample.names->last_death(*sample.state->device);
  if (known.life != life) {
    // After a gap the same value is news.
    known.series.deadband = {};
    if (!note_fed(known.series, sample)) {
      return writer_.decode_error(route, message,
                                  {"state_memory",
                                   "no room for what a death of the edge node has to know: raise "
                                   "state_memory",
                                   0});
    }
    known.life = life;
  }
  route.fill_slots(sample, slots_);
  writer_.write_sample(known.series, message, slots_);
}

SparkplugFeed::MetricSeries& SparkplugFeed::metric_series(const Target& target,
                                                          const decode::SparkplugTopic& topic,
                                                          const decode::SparkplugSample& sample) {
  auto& first = sample.state->note;
  for (auto* at = static_cast<MetricSeries*>(first.get()); at != nullptr; at = at->next.get()) {
    if (at->series.route == target.route && at->type == topic.type) return *at;
  }
  series_.series = {};
  series_.life.reset();
  find_streams(series_.series, target, topic, sample.metric);
  // Births are rare: what they need is found again, unless there is something to remember.
  if (topic.is_birth() && !target.route->deadband) return series_;
  const Series& series = series_.series;
  const std::size_t bytes = heap_bytes(sizeof(MetricSeries)) + heap_bytes_flat(series.streams) +
                            heap_bytes(series.rendered) + heap_bytes(series.no_streams);
  auto made = std::make_unique<MetricSeries>();
  if (!sample.names->charge(*sample.state, bytes)) return series_;
  made->series = std::move(series_.series);
  made->type = topic.type;
  made->next.reset(static_cast<MetricSeries*>(first.release()));
  MetricSeries& result = *made;
  first = std::move(made);
  return result;
}

void SparkplugFeed::find_streams(Series& series, const Target& target,
                                 const decode::SparkplugTopic& topic, std::string_view metric) {
  series.route = target.route;
  writer_.find_streams(series, [&](std::string_view name) -> std::optional<std::string_view> {
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
  });
}

bool SparkplugFeed::note_fed(const Series& series, const decode::SparkplugSample& sample) {
  decode::SparkplugDevice& device = *sample.state->device;
  if (!device.note) {
    auto note = std::make_unique<FedStreams>();
    if (!sample.names->charge(device, heap_bytes(sizeof(FedStreams)))) return false;
    device.note = std::move(note);
  }
  auto& fed = static_cast<FedStreams&>(*device.note);
  for (const std::size_t stream : series.streams) {
    if (fed.feed(*series.route, stream)) continue;
    FedStreams::Added added =
        FedStreams::make(*series.route, stream, {std::string(sample.metric), series.rendered});
    if (!sample.names->charge(device, FedStreams::bytes_of(added.mapped()))) return false;
    fed.add(std::move(added));
  }
  return true;
}

void SparkplugFeed::write_gaps(const decode::SparkplugOutcome& outcome, const Message& message) {
  for (decode::SparkplugDevice* device : outcome.dead) {
    if (!device->note) continue;
    static_cast<FedStreams&>(*device->note)
        .die([&](RoutePlan& route, std::size_t stream, const FedStreams::Fed& fed) {
          route.fill_slots({*device->name, fed.metric, Value::null(), outcome.died_at}, slots_);
          writer_.write_gap(route, stream, fed.rendered, message, slots_);
        });
  }
}

void SparkplugFeed::tell_loss(RoutePlan& route, const decode::SparkplugOutcome& outcome,
                              const Message& message) {
  if (outcome.lost > 0) {
    const std::string why = !outcome.rebirth.empty()
                                ? outcome.rebirth
                                : "their birth had more names than state_memory has room for";
    writer_.decode_error(
        route, message,
        {"no_birth", std::to_string(outcome.lost) + " metrics without a name: " + why, 0});
  }
  if (outcome.refused > 0) {
    writer_.decode_error(route, message,
                         {"state_memory",
                          std::to_string(outcome.refused) +
                              " metrics have no room: an edge node may take half of "
                              "state_memory, a new one what established ones leave; raise it",
                          0});
  }
}

void SparkplugFeed::note_rebirth(const decode::SparkplugTopic& topic,
                                 const decode::SparkplugOutcome& outcome, const Message& message) {
  if (!outcome.born && !outcome.has_come && outcome.rebirth.empty()) return;
  const double chance = std::uniform_real_distribution<double>(0, 1)(chance_);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = rebirths_.note(topic, outcome, message.received_mono, chance);
  }
  if (wake && nudge_) nudge_();
}

void SparkplugFeed::take_oversize(std::string_view topic) {
  const auto parsed = decode::parse_sparkplug_topic(topic);
  if (!parsed || !parsed->is_own_birth()) return;
  host_.take_unreadable(*parsed);
  if (keep_birth_) keep_birth_(topic, std::nullopt);
}

void SparkplugFeed::remember_birth(std::string_view topic, std::string_view payload) {
  auto parsed = decode::parse_sparkplug_topic(topic);
  if (!parsed) return;
  parsed->certificate = true;
  // One that is damaged is as if it had not been kept.
  static_cast<void>(host_.take(*parsed, payload, {}, [](const decode::SparkplugSample&) {}));
}

std::vector<SparkplugFeed::Command> SparkplugFeed::due_commands(TimePoint now, WallTime wall) {
  const std::lock_guard lock(mutex_);
  return rebirths_.due(now, wall);
}

TimePoint SparkplugFeed::next_command() const {
  const std::lock_guard lock(mutex_);
  return rebirths_.deadline();
}

}  // namespace plotbridge::app
