// The story of one message: route > decode > shape > encode, and out as lines for streams. It runs
// on the thread that brings the message (Paho's) and never waits. Leaves to others: where messages
// come from (mqtt) and what becomes of lines (streamer). `take` belongs to one thread; `counts` may
// be called from any.
#pragma once

#include "plugin/app/fed_streams.h"
#include "plugin/app/route_plan.h"
#include "plugin/app/subscriptions.h"
#include "plugin/base/rate_limit.h"
#include "plugin/config/config.h"
#include "plugin/decode/sparkplug_host.h"
#include "plugin/model/arrival.h"
#include "plugin/model/line.h"
#include "plugin/model/message.h"
#include "plugin/route/router.h"
#include "plugin/route/topic_cache.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace plotbridge::app {

/// What the pipeline counted, route by route in the order of the configuration.
struct PipelineCounts {
  std::vector<RouteCounts> routes;
  std::uint64_t unrouted = 0;
  std::size_t cached_topics = 0;
};

class Pipeline {
 public:
  /// A line, with its newline, for stream number `stream` of the configuration.
  using TakeLine =
      std::function<void(std::size_t stream, const Line& line, const Arrival& arrival)>;

  Pipeline(const config::Config& config, TakeLine take_line);
  ~Pipeline();

  /// What to ask the broker for.
  const std::vector<mqtt::Subscription>& subscriptions() const { return subscriptions_; }

  void take(const Message& message);

  /// Why a message, or a part of it, gave no line: the route (empty: none) and a sentence.
  using Explain = std::function<void(std::string_view route, const std::string& why)>;
  /// From now on `explain` is told what else would be logged and counted, and the deadband is
  /// ignored: for looking at single messages.
  void explain(Explain explain) { explain_ = std::move(explain); }

  PipelineCounts counts() const;

  /// Sparkplug commands to publish now; any thread. `on_command` is called on the pipeline's thread
  /// when one will be due; `next_command` says when.
  std::vector<decode::SparkplugHost::Command> due_commands(TimePoint now, WallTime wall);
  TimePoint next_command() const;
  void on_command(std::function<void()> nudge) { nudge_ = std::move(nudge); }

  /// `keep` is called with the topic and payload of each Sparkplug birth; `remember` takes one of
  /// an earlier run, for its names alone. Before the first message.
  using KeepBirth = std::function<void(std::string_view topic, std::string_view payload)>;
  void keep_births(KeepBirth keep) { keep_birth_ = std::move(keep); }
  void remember_birth(std::string_view topic, std::string_view payload);

 private:
  struct Target;
  using Targets = std::vector<Target>;

  Targets resolve(std::string_view topic);
  /// What a template's capture stands for.
  using ValueOf = std::function<std::optional<std::string_view>(std::string_view name)>;
  /// The streams and texts that the route's templates give.
  void find_streams(Target& target, const ValueOf& value_of) const;
  void feed(Target& target, const Message& message);
  void feed_sparkplug(Targets& targets, const Message& message);
  void take_metric(Target& target, const decode::SparkplugTopic& topic,
                   const decode::SparkplugSample& sample, const Message& message);
  Target& metric_target(Target& target, const decode::SparkplugTopic& topic,
                        std::string_view metric);
  void write_gaps(const decode::SparkplugTopic& topic, bool whole_node, WallTime at,
                  const Message& message);
  void take_sample(Target& target, const Message& message, std::span<const Value> slots);
  void write(const Target& target, const Message& message);
  void decode_error(RoutePlan& route, const Message& message, const decode::DecodeError& error);
  void explain_missing(RoutePlan& route, const Message& message, std::string& why);
  void unrouted(const Message& message, std::string_view why, std::string_view advice);

  std::vector<std::unique_ptr<RoutePlan>> routes_;
  std::vector<mqtt::Subscription> subscriptions_;
  route::Router router_;
  std::vector<FilterUse> filters_;  // by the router's ids
  std::unordered_set<std::uint32_t> known_ids_;
  std::unordered_map<std::string, std::size_t> stream_numbers_;
  std::vector<TimeFormat> time_formats_;  // of the streams
  route::TopicCache<Targets> cache_;
  std::atomic<std::size_t> cached_topics_{0};
  TakeLine take_line_;
  Explain explain_;
  std::atomic<std::uint64_t> unrouted_{0};
  RateLimit log_limit_;
  // Sparkplug: one state per edge node over all routes, and whom each of them fed.
  mutable std::mutex sparkplug_mutex_;  // the pipeline's thread and that of the commands
  std::unique_ptr<decode::SparkplugHost> sparkplug_;
  std::unique_ptr<FedStreams> fed_;
  std::uint64_t deaths_ = 0;
  std::function<void()> nudge_;
  KeepBirth keep_birth_;
  std::mt19937_64 chance_{std::random_device{}()};
  // Scratch, kept to save allocations.
  std::vector<Value> slots_;
  std::vector<Value> values_;
  std::string line_;
};

}  // namespace plotbridge::app
