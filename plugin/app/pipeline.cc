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

}  // namespace

// Where messages of one topic go by one route.
struct Pipeline::Target {
  RoutePlan* route = nullptr;
  std::uint32_t subscription_id = 0;
  std::vector<std::size_t> streams;
  std::vector<std::string> rendered;    // the plan's templates
  std::vector<std::string> no_streams;  // names that the templates gave and nobody configured
  shape::Deadband deadband;
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
  // Identifiers that nobody here gave come from a session of an older configuration: then the topic
  // decides.
  const auto& ids = message.subscription_ids;
  const bool by_id = std::any_of(ids.begin(), ids.end(),
                                 [&](std::uint32_t id) { return known_ids_.contains(id); });
  for (Target& target : *targets) {
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
    for (const CaptureTemplate& text : route.plan.templates()) {
      target.rendered.push_back(text.render(value_of).value_or(""));
    }
    for (const CaptureTemplate& stream : route.streams) {
      const std::string name = stream.render(value_of).value_or("");
      const auto known = stream_numbers_.find(name);
      if (known == stream_numbers_.end()) {
        target.no_streams.push_back(name);
      } else if (std::find(target.streams.begin(), target.streams.end(), known->second) ==
                 target.streams.end()) {
        target.streams.push_back(known->second);
      }
    }
    targets.push_back(std::move(target));
  }
  return targets;
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
  write(target, message.received_mono);
}

void Pipeline::write(const Target& target, TimePoint received) {
  std::optional<TimeFormat> written;
  Line line;
  for (const std::size_t stream : target.streams) {
    if (written != time_formats_[stream]) {
      written = time_formats_[stream];
      line_.clear();
      line = target.route->encoder(*written).encode(values_, line_);
    }
    take_line_(stream, line, received);
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
