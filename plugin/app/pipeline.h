// The story of one message: route > decode > shape > encode, and out as lines for streams. It runs
// on the thread that brings the message (Paho's) and never waits. Leaves to others: where messages
// come from (mqtt), writing a sample's lines (point_writer), Sparkplug (sparkplug_feed) and what
// becomes of lines (streamer). `take` belongs to one thread; `counts` may be called from any.
#pragma once

#include "plugin/app/point_writer.h"
#include "plugin/app/route_plan.h"
#include "plugin/app/sparkplug_feed.h"
#include "plugin/app/subscriptions.h"
#include "plugin/base/rate_limit.h"
#include "plugin/base/state_memory.h"
#include "plugin/config/config.h"
#include "plugin/model/message.h"
#include "plugin/route/router.h"
#include "plugin/route/topic_cache.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace plotbridge::app {

/// What the pipeline counted, route by route in the order of the configuration.
struct PipelineCounts {
  std::vector<RouteCounts> routes;
  std::uint64_t unrouted = 0;
  std::size_t cached_topics = 0;
  std::size_t state_bytes = 0;  // of names that publishers chose
  std::array<std::uint64_t, StateMemory::kKindTexts.size()> state_evictions{};  // by kind

  /// How often a route found a limit of one message exceeded.
  std::uint64_t poison() const;
};

class Pipeline {
 public:
  using TakeLine = PointWriter::TakeLine;

  Pipeline(const config::Config& config, TakeLine take_line);
  ~Pipeline();

  /// What to ask the broker for.
  const std::vector<mqtt::Subscription>& subscriptions() const { return subscriptions_; }

  void take(const Message& message);
  /// One that was too large to be taken.
  void take_oversize(std::string_view topic);
  /// The broker had no session for us; before its first message.
  void begin_session() { sparkplug_.begin_session(); }

  using Explain = PointWriter::Explain;
  /// From now on `explain` is told what else would be logged and counted, and the deadband is
  /// ignored: for looking at single messages.
  void explain(Explain explain) { writer_.explain(std::move(explain)); }

  PipelineCounts counts() const;
  /// Logs what the log left out of messages that gave nothing, where the last line on the like is
  /// older than `age`. Any thread.
  void log_suppressed(TimePoint now, Duration age);

  /// Gives back what the last large messages freed, if that is still to be done; any thread.
  void trim_if_due();

  /// Sparkplug commands to publish now; any thread. `on_command` is called on the pipeline's thread
  /// when one will be due; `next_command` says when.
  std::vector<SparkplugFeed::Command> due_commands(TimePoint now, WallTime wall) {
    return sparkplug_.due_commands(now, wall);
  }
  TimePoint next_command() const { return sparkplug_.next_command(); }
  void on_command(std::function<void()> nudge) { sparkplug_.on_command(std::move(nudge)); }

  /// `keep` is called with the topic and payload of each Sparkplug birth, with none where it could
  /// not be read; `remember` takes one of an earlier run, for its names alone. Before the first
  /// message.
  using KeepBirth = SparkplugFeed::KeepBirth;
  void keep_births(KeepBirth keep) { sparkplug_.keep_births(std::move(keep)); }
  void remember_birth(std::string_view topic, std::string_view payload) {
    sparkplug_.remember_birth(topic, payload);
  }

 private:
  struct Target;
  using Targets = std::vector<Target>;

  static const RoutePlan& route_of(const Target& target);
  void dispatch(const Message& message);
  void tell_full(const Message& message);
  Targets resolve(std::string_view topic);
  /// What they have beside the vector itself.
  static std::size_t bytes_of(const Targets& targets);
  void feed(Target& target, const Message& message);
  void feed_sparkplug(Targets& targets, const Message& message);

  std::vector<std::unique_ptr<RoutePlan>> routes_;
  std::vector<mqtt::Subscription> subscriptions_;
  route::Router router_;
  std::vector<FilterUse> filters_;  // by the router's ids
  std::unordered_set<std::uint32_t> known_ids_;
  StateMemory memory_;  // before what is counted in it
  RateLimit full_limit_;
  std::atomic<bool> trim_is_due_{false};  // large messages freed memory that the heap keeps
  TimePoint next_trim_{};
  std::uint64_t evictions_told_ = 0;
  route::TopicCache<Targets> cache_;
  std::atomic<std::size_t> cached_topics_{0};
  PointWriter writer_;
  SparkplugFeed sparkplug_;
};

}  // namespace plotbridge::app
