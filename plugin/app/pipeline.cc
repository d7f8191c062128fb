#include "plugin/app/pipeline.h"

#include "plugin/app/freed_memory.h"
#include "plugin/base/heap_bytes.h"
#include "plugin/base/log.h"
#include "plugin/base/scratch.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace plotbridge::app {
namespace {

constexpr Duration kTrimInterval = std::chrono::milliseconds(100);
constexpr Duration kFullInterval = std::chrono::minutes(1);  // between log lines

bool may_ask_for_rebirths(const config::Config& config) {
  return std::ranges::any_of(config.routes, [](const config::Route& route) {
    return route.decode.host != SparkplugHostRole::kPassive;
  });
}

/// Of all Sparkplug routes, because they share one reading of each payload.
std::size_t most_metrics(const config::Config& config) {
  std::size_t most = 0;
  for (const config::Route& route : config.routes) {
    if (route.decode.type == DecodeType::kSparkplug) most = std::max(most, route.decode.max_points);
  }
  return most;
}

}  // namespace

// Where messages of one topic go by one route.
struct Pipeline::Target {
  std::uint32_t subscription_id = 0;
  Series series;
  SparkplugFeed::Target sparkplug;  // in place of `series`, of a Sparkplug route
};

const RoutePlan& Pipeline::route_of(const Target& target) {
  return target.series.route != nullptr ? *target.series.route : *target.sparkplug.route;
}

Pipeline::Pipeline(const config::Config& config, TakeLine take_line)
    : memory_(config.state_memory - config.state_memory / 8),  // the heap loses room between blocks
      full_limit_(kFullInterval),
      cache_(memory_),
      writer_(config, std::move(take_line)),
      sparkplug_(memory_, writer_, may_ask_for_rebirths(config), most_metrics(config)) {
  std::map<std::string, int> topics;
  for (const config::Route& route : config.routes) {
    routes_.push_back(std::make_unique<RoutePlan>(route, config.schemas));
    // Two routes of one topic must not share a metric.
    std::string& topic = routes_.back()->topic;
    if (const int nth = ++topics[topic]; nth > 1) topic += " (" + std::to_string(nth) + ")";
  }
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
  writer_.begin_message();
  memory_.set_time(message.received_mono);
  {
    const OnExit end([this] { writer_.end_message(); });
    dispatch(message);
  }
  if (writer_.was_large()) trim_is_due_ = true;
  if (trim_is_due_ && message.received_mono >= next_trim_) {
    next_trim_ = message.received_mono + kTrimInterval;
    trim_if_due();
  }
  if (memory_.evictions() != evictions_told_) tell_full(message);
}

void Pipeline::take_oversize(std::string_view topic) {
  trim_is_due_ = true;  // once the library has let go of it
  sparkplug_.take_oversize(topic);
}

void Pipeline::trim_if_due() {
  if (trim_is_due_.exchange(false)) give_freed_memory_back();
}

void Pipeline::tell_full(const Message& message) {
  if (!full_limit_.admit("", message.received_mono)) return;
  const std::uint64_t forgotten = memory_.evictions();
  log::warning("state_memory is full: names that publishers chose are forgotten",
               {{"forgotten", forgotten - std::exchange(evictions_told_, forgotten)},
                {"bytes", memory_.used()},
                {"hint",
                 "raise state_memory, or look for who invents names; "
                 "plotbridge_state_evictions_total counts by kind"}});
}

void Pipeline::dispatch(const Message& message) {
  Targets* targets = cache_.find(message.topic);
  if (targets == nullptr) {
    Targets resolved = resolve(message.topic);
    const std::size_t bytes = bytes_of(resolved);
    targets = cache_.put(message.topic, std::move(resolved), bytes);
    cached_topics_.store(cache_.size(), std::memory_order_relaxed);
  }
  if (targets->empty()) return writer_.no_route(message);
  for (const Target& target : *targets) writer_.allow_points(route_of(target));
  feed_sparkplug(*targets, message);
  // Identifiers that nobody here gave come from a session of an older configuration: then the topic
  // decides.
  const auto& ids = message.subscription_ids;
  const bool by_id = std::any_of(ids.begin(), ids.end(),
                                 [&](std::uint32_t id) { return known_ids_.contains(id); });
  for (Target& target : *targets) {
    if (target.series.route == nullptr) continue;
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
    if (std::any_of(targets.begin(), targets.end(), [&](const Target& target) {
          return target.series.route == &route || target.sparkplug.route == &route;
        })) {
      continue;
    }
    const auto& names = use.filter.captures();
    Target& target = targets.emplace_back();
    target.subscription_id = subscriptions_[use.subscription].id;
    if (route.sparkplug) {
      target.sparkplug.route = &route;
      for (std::size_t i = 0; i < names.size(); ++i) {
        target.sparkplug.captures.emplace_back(names[i], match.captures[i]);
      }
      continue;
    }
    target.series.route = &route;
    writer_.find_streams(target.series,
                         [&](std::string_view name) -> std::optional<std::string_view> {
                           const auto found = std::find(names.begin(), names.end(), name);
                           if (found == names.end()) return std::nullopt;
                           return match.captures[static_cast<std::size_t>(found - names.begin())];
                         });
  }
  return targets;
}

std::size_t Pipeline::bytes_of(const Targets& targets) {
  std::size_t bytes = heap_bytes_flat(targets);
  for (const Target& target : targets) {
    const Series& series = target.series;
    bytes += heap_bytes_flat(series.streams) + heap_bytes(series.rendered) +
             heap_bytes(series.no_streams) + heap_bytes_flat(target.sparkplug.captures);
    for (const auto& [name, text] : target.sparkplug.captures) {
      bytes += heap_bytes(name) + heap_bytes(text);
    }
  }
  return bytes;
}

void Pipeline::feed(Target& target, const Message& message) {
  RoutePlan& route = *target.series.route;
  if (message.retained && !route.use_retained) {
    writer_.explain_with(route.topic, [] {
      return std::string("it is retained, and the route skips those (retained: skip)");
    });
    return;
  }
  route.messages.fetch_add(1, std::memory_order_relaxed);
  if (!writer_.has_streams(target.series, message,
                           "add it to streams, or check the route's stream template")) {
    return;
  }
  const auto on_sample = [&](std::span<const Value> slots) {
    writer_.write_sample(target.series, message, slots);
  };
  writer_.survive(route, message, [&] {
    // By reference, because a std::function that held the captures themselves would allocate.
    if (!writer_.admits_decoding(route, message)) return;
    // Also what ends by an exception.
    const OnExit charge(
        [&] { writer_.charge_decoded(route.decoder->cost_bytes(message.payload)); });
    const auto decoded = route.decoder->decode(message.payload, std::cref(on_sample));
    if (!decoded) writer_.decode_error(route, message, decoded.error());
  });
}

void Pipeline::feed_sparkplug(Targets& targets, const Message& message) {
  std::vector<SparkplugFeed::Target*> takers;
  for (Target& target : targets) {
    if (target.sparkplug.route != nullptr) takers.push_back(&target.sparkplug);
  }
  if (takers.empty()) return;
  sparkplug_.take(std::move(takers), message);
  cached_topics_.store(cache_.size(),
                       std::memory_order_relaxed);  // names may have taken their room
}

void Pipeline::log_suppressed(TimePoint now, Duration age) {
  writer_.log_suppressed(now, age);
  for (const auto& route : routes_) {
    for (const RouteErrors::Suppressed& more : route->errors.take_suppressed(now, age)) {
      log::warning("more messages not decoded", {{"route", route->topic},
                                                 {"error", more.kind},
                                                 {"last_why", more.why},
                                                 {"suppressed", more.errors}});
    }
  }
}

std::uint64_t PipelineCounts::poison() const {
  std::uint64_t messages = 0;
  for (const RouteCounts& route : routes) {
    for (const KnownDecodeError& known : kDecodeErrors) {
      const auto counted = route.decode_errors.find(known.word);
      if (known.limit && counted != route.decode_errors.end()) messages += counted->second;
    }
  }
  return messages;
}

PipelineCounts Pipeline::counts() const {
  PipelineCounts counts;
  counts.unrouted = writer_.unrouted_messages();
  counts.cached_topics = cached_topics_.load(std::memory_order_relaxed);
  counts.state_bytes = memory_.used();
  for (std::size_t kind = 0; kind < counts.state_evictions.size(); ++kind) {
    counts.state_evictions[kind] = memory_.evictions(static_cast<StateMemory::Kind>(kind));
  }
  for (const auto& route : routes_) counts.routes.push_back(route->counts());
  return counts;
}

}  // namespace plotbridge::app
