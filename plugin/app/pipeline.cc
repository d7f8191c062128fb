#include "plugin/app/pipeline.h"

#include "plugin/base/log.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCachedTopics = 50'000;
constexpr Duration kLogInterval = 10s;
constexpr std::size_t kTopicShown = 200;

Arrival arrival_of(const Message& message) {
  return {message.received_mono, message.received_at, message.qos > 0};
}

}  // namespace

// Finds a metric by a name that is not a string of its own.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};

// Where messages of one topic go by one route.
struct Pipeline::Target {
  RoutePlan* route = nullptr;
  std::uint32_t subscription_id = 0;
  std::vector<std::size_t> streams;
  std::vector<std::string> rendered;    // the plan's templates
  std::vector<std::string> no_streams;  // names that the templates gave and nobody configured
  shape::Deadband deadband;
  // Of a Sparkplug route: what the topic captured, and where each metric goes.
  std::vector<std::pair<std::string, std::string>> captures;
  std::unordered_map<std::string, std::unique_ptr<Target>, NameHash, std::equal_to<>> metrics;
  std::uint64_t deaths = 0;  // those that the deadband has heard of
};

Pipeline::Pipeline(const config::Config& config, TakeLine take_line)
    : cache_(kCachedTopics), take_line_(std::move(take_line)), log_limit_(kLogInterval) {
  for (std::size_t i = 0; i < config.streams.size(); ++i) {
    stream_numbers_.emplace(config.streams[i].name, i);
    time_formats_.push_back(config.streams[i].time_format);
  }
  std::map<std::string, int> topics;
  for (const config::Route& route : config.routes) {
    routes_.push_back(std::make_unique<RoutePlan>(route, config.schemas));
    // Two routes of one topic must not share a metric.
    std::string& topic = routes_.back()->topic;
    if (const int nth = ++topics[topic]; nth > 1) topic += " (" + std::to_string(nth) + ")";
  }
  const auto asks = [](const config::Route& route) {
    return route.decode.host != SparkplugHostRole::kPassive;
  };
  sparkplug_ = std::make_unique<decode::SparkplugHost>(std::ranges::any_of(config.routes, asks));
  fed_ = std::make_unique<FedStreams>();
  SubscriptionPlan plan = plan_subscriptions(config.routes);
  subscriptions_ = std::move(plan.subscriptions);
  filters_ = std::move(plan.filters);
  for (const mqtt::Subscription& subscription : subscriptions_) {
    if (subscription.id != 0) known_ids_.insert(subscription.id);
  }
  for (std::size_t i = 0; i < filters_.size(); ++i) router_.add(filters_[i].filter, i);
}

Pipeline::~Pipeline() = default;

void Pipeline::take(const Message& message) {
  Targets* targets = cache_.find(message.topic);
  if (targets == nullptr) {
    targets = cache_.put(message.topic, resolve(message.topic));
    cached_topics_ = cache_.size();
  }
  if (targets->empty()) {
    unrouted(message, "no route takes this topic", "add a route whose topic matches it");
    return;
  }
  feed_sparkplug(*targets, message);
  // Identifiers that nobody here gave come from a session of an older configuration: then the topic
  // decides.
  const auto& ids = message.subscription_ids;
  const bool by_id = std::any_of(ids.begin(), ids.end(),
                                 [&](std::uint32_t id) { return known_ids_.contains(id); });
  for (Target& target : *targets) {
    if (target.route->sparkplug) continue;
    if (by_id && std::find(ids.begin(), ids.end(), target.subscription_id) == ids.end()) {
      continue;  // the copy of another filter
    }
    feed(target, message);
  }
}

Pipeline::Targets Pipeline::resolve(std::string_view topic) {
  Targets targets;
  for (const route::Match& match : router_.match(topic)) {
    const FilterUse& use = filters_[match.filter];
    RoutePlan& route = *routes_[use.route];
    // Of several filters of one route the first speaks for it, so that no line doubles.
    if (std::any_of(targets.begin(), targets.end(),
                    [&](const Target& target) { return target.route == &route; })) {
      continue;
    }
    const auto value_of = [&](std::string_view name) -> std::optional<std::string_view> {
      const auto& names = use.filter.captures();
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) return std::nullopt;
      return match.captures[static_cast<std::size_t>(found - names.begin())];
    };
    Target target;
    target.route = &route;
    target.subscription_id = subscriptions_[use.subscription].id;
    if (route.sparkplug) {
      const auto& names = use.filter.captures();
      for (std::size_t i = 0; i < names.size(); ++i) {
        target.captures.emplace_back(names[i], match.captures[i]);
      }
      targets.push_back(std::move(target));
      continue;
    }
    find_streams(target, value_of);
    targets.push_back(std::move(target));
  }
  return targets;
}

void Pipeline::find_streams(Target& target, const ValueOf& value_of) const {
  for (const CaptureTemplate& text : target.route->plan.templates()) {
    target.rendered.push_back(text.render(value_of).value_or(""));
  }
  for (const CaptureTemplate& stream : target.route->streams) {
    const std::string name = stream.render(value_of).value_or("");
    const auto known = stream_numbers_.find(name);
    if (known == stream_numbers_.end()) {
      target.no_streams.push_back(name);
    } else if (std::find(target.streams.begin(), target.streams.end(), known->second) ==
               target.streams.end()) {
      target.streams.push_back(known->second);
    }
  }
}

void Pipeline::feed(Target& target, const Message& message) {
  RoutePlan& route = *target.route;
  if (message.retained && !route.use_retained) {
    if (explain_)
      explain_(route.topic, "it is retained, and the route skips those (retained: skip)");
    return;
  }
  route.messages.fetch_add(1, std::memory_order_relaxed);
  for (const std::string& name : target.no_streams) {
    unrouted(message, "no stream is called \"" + name + "\"",
             "add it to streams, or check the route's stream template");
  }
  if (target.streams.empty()) return;

  const auto on_sample = [&](std::span<const Value> slots) { take_sample(target, message, slots); };
  // By reference, because a std::function that held the captures themselves would allocate.
  const auto decoded = route.decoder->decode(message.payload, std::cref(on_sample));
  if (!decoded) decode_error(route, message, decoded.error());
}

void Pipeline::take_sample(Target& target, const Message& message, std::span<const Value> slots) {
  RoutePlan& route = *target.route;
  if (!route.wants(slots)) {
    route.filtered_when.fetch_add(1, std::memory_order_relaxed);
    if (explain_) {
      explain_(route.topic, "filtered by `when`: field " + route.when_field + " is not as asked");
    }
    return;
  }
  const shape::Context context{message.received_at, message.topic, target.rendered};
  if (auto problem = route.plan.shape(slots, context, values_)) {
    if (explain_ && problem->kind == "missing_field") {
      explain_missing(route, message, problem->message);
    }
    decode_error(route, message, {problem->kind, std::move(problem->message), 0});
    return;
  }
  if (!explain_ && !route.admits(target.deadband, values_, message.received_mono)) {
    route.filtered_deadband.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  write(target, message);
}

// All Sparkplug routes at once, because there is one state for them; the copies that overlapping
// subscriptions bring are repetitions to it.
void Pipeline::feed_sparkplug(Targets& targets, const Message& message) {
  std::vector<Target*> takers;
  for (Target& target : targets) {
    if (target.route->sparkplug) takers.push_back(&target);
  }
  if (takers.empty()) return;
  RoutePlan& first = *takers.front()->route;
  const auto topic = decode::parse_sparkplug_topic(message.topic);
  if (!topic) {
    return decode_error(
        first, message,
        {"sparkplug_topic", "expected spBv1.0/GROUP/TYPE/EDGE_NODE[/DEVICE] or spBv1.0/STATE/HOST",
         0});
  }
  const auto takes = [&](const Target* target) {
    return !message.retained || topic->certificate || target->route->use_retained;
  };
  std::erase_if(takers, [&](const Target* target) { return !takes(target); });
  if (takers.empty()) return;
  const auto on_sample = [&](const decode::SparkplugSample& sample) {
    for (Target* target : takers) take_metric(*target, *topic, sample, message);
  };
  const double chance = std::uniform_real_distribution<double>(0, 1)(chance_);
  const std::unique_lock lock(sparkplug_mutex_);
  const auto outcome = sparkplug_->take(*topic, message.payload, message.received_at,
                                        message.received_mono, chance, std::cref(on_sample));
  if (!outcome) return decode_error(first, message, outcome.error());
  if (outcome->duplicate) return;
  const bool birth = topic->type == decode::SparkplugType::kNodeBirth ||
                     topic->type == decode::SparkplugType::kDeviceBirth;
  if (birth && !topic->certificate && keep_birth_) keep_birth_(message.topic, message.payload);
  for (Target* target : takers) target->route->messages.fetch_add(1, std::memory_order_relaxed);
  if (outcome->node_died || outcome->device_died) {
    write_gaps(*topic, outcome->node_died, outcome->died_at, message);
  }
  if (outcome->lost > 0) {
    decode_error(
        first, message,
        {"no_birth", std::to_string(outcome->lost) + " metrics without a name: " + outcome->rebirth,
         0});
  }
  if (!outcome->rebirth.empty() && nudge_ && sparkplug_->deadline() != kNever) nudge_();
}

void Pipeline::take_metric(Target& target, const decode::SparkplugTopic& topic,
                           const decode::SparkplugSample& sample, const Message& message) {
  RoutePlan& route = *target.route;
  if (!route.takes_metric(sample.metric)) {
    if (explain_ && !route.metrics.empty()) {
      explain_(route.topic, "decode.metrics leaves out " + std::string(sample.metric));
    }
    return;
  }
  Target& series = metric_target(target, topic, sample.metric);
  for (const std::string& name : series.no_streams) {
    unrouted(message, "no stream is called \"" + name + "\"",
             "add it to streams, or choose metrics by decode.metrics");
  }
  if (series.streams.empty()) return;
  // After a gap the same value is news.
  if (std::exchange(series.deaths, deaths_) != deaths_) series.deadband = {};
  route.fill_slots(sample, slots_);
  take_sample(series, message, slots_);
}

Pipeline::Target& Pipeline::metric_target(Target& target, const decode::SparkplugTopic& topic,
                                          std::string_view metric) {
  const auto place = target.metrics.find(metric);
  if (place != target.metrics.end()) return *place->second;
  auto& known = target.metrics.emplace(metric, std::make_unique<Target>()).first->second;
  known->route = target.route;
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
  find_streams(*known, value_of);
  for (const std::size_t stream : known->streams) {
    fed_->add(topic, {known->route, stream, std::string(metric), known->rendered});
  }
  return *known;
}

void Pipeline::write_gaps(const decode::SparkplugTopic& topic, bool whole_node, WallTime at,
                          const Message& message) {
  ++deaths_;
  fed_->each(topic, whole_node, [&](const FedStreams::Fed& fed) {
    fed.route->fill_slots({topic.device, fed.metric, Value::null(), at}, slots_);
    const shape::Context context{message.received_at, message.topic, fed.rendered};
    if (fed.route->plan.shape(slots_, context, values_)) return;
    if (fed.route->y() < values_.size()) values_[fed.route->y()] = Value::null();
    line_.clear();
    const Line line = fed.route->encoder(time_formats_[fed.stream]).encode(values_, line_);
    take_line_(fed.stream, line, arrival_of(message));
  });
}

void Pipeline::remember_birth(std::string_view topic, std::string_view payload) {
  auto parsed = decode::parse_sparkplug_topic(topic);
  if (!parsed) return;
  parsed->certificate = true;
  // One that is damaged is as if it had not been kept.
  static_cast<void>(
      sparkplug_->take(*parsed, payload, {}, {}, 0, [](const decode::SparkplugSample&) {}));
}

std::vector<decode::SparkplugHost::Command> Pipeline::due_commands(TimePoint now, WallTime wall) {
  const std::lock_guard lock(sparkplug_mutex_);
  return sparkplug_->due(now, wall);
}

TimePoint Pipeline::next_command() const {
  const std::lock_guard lock(sparkplug_mutex_);
  return sparkplug_->deadline();
}

void Pipeline::write(const Target& target, const Message& message) {
  const Arrival arrival = arrival_of(message);
  std::optional<TimeFormat> written;
  Line line;
  for (const std::size_t stream : target.streams) {
    if (written != time_formats_[stream]) {
      written = time_formats_[stream];
      line_.clear();
      line = target.route->encoder(*written).encode(values_, line_);
    }
    take_line_(stream, line, arrival);
  }
}

void Pipeline::explain_missing(RoutePlan& route, const Message& message, std::string& why) {
  const std::string fields = route.decoder->fields_of(message.payload);
  if (!fields.empty()) why += "; it has " + fields;
}

void Pipeline::decode_error(RoutePlan& route, const Message& message,
                            const decode::DecodeError& error) {
  route.count_error(error.kind);
  if (explain_) return explain_(route.topic, std::string(error.kind) + ": " + error.message);
  const auto held_back = log_limit_.admit(route.topic, message.received_mono);
  if (!held_back) return;
  log::warning("message not decoded", {{"route", route.topic},
                                       {"topic", message.topic.substr(0, kTopicShown)},
                                       {"error", error.kind},
                                       {"offset", error.offset},
                                       {"why", error.message},
                                       {"more_since_last_line", *held_back}});
}

void Pipeline::unrouted(const Message& message, std::string_view why, std::string_view advice) {
  unrouted_.fetch_add(1, std::memory_order_relaxed);
  if (explain_) return explain_("", std::string(why) + ": " + std::string(advice));
  const auto held_back = log_limit_.admit("unrouted", message.received_mono);
  if (!held_back) return;
  log::warning("message not routed", {{"topic", message.topic.substr(0, kTopicShown)},
                                      {"why", why},
                                      {"do", advice},
                                      {"more_since_last_line", *held_back}});
}

PipelineCounts Pipeline::counts() const {
  PipelineCounts counts;
  counts.unrouted = unrouted_.load(std::memory_order_relaxed);
  counts.cached_topics = cached_topics_.load(std::memory_order_relaxed);
  for (const auto& route : routes_) counts.routes.push_back(route->counts());
  return counts;
}

}  // namespace plotbridge::app
