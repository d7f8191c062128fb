// The story of one message: route > decode > shape > encode, and out as lines for streams. It runs
// on the thread that brings the message (Paho's) and never waits. Leaves to others: where messages
// come from (mqtt) and what becomes of lines (streamer). `take` belongs to one thread; `counts` may
// be called from any.
#pragma once

#include "plugin/app/subscriptions.h"
#include "plugin/base/rate_limit.h"
#include "plugin/config/config.h"
#include "plugin/decode/decoder.h"
#include "plugin/encode/line_encoder.h"
#include "plugin/model/line.h"
#include "plugin/model/message.h"
#include "plugin/route/router.h"
#include "plugin/route/topic_cache.h"
#include "plugin/shape/point_plan.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace plotbridge::app {

/// What the pipeline counted, route by route in the order of the configuration.
struct PipelineCounts {
  struct Route {
    std::string topic;  // the first filter, as written
    std::uint64_t messages = 0;
    std::map<std::string, std::uint64_t, std::less<>> decode_errors;  // by kind
  };
  std::vector<Route> routes;
  std::uint64_t unrouted = 0;
  std::size_t cached_topics = 0;
};

class Pipeline {
 public:
  /// A line, with its newline, for stream number `stream` of the configuration.
  using TakeLine = std::function<void(std::size_t stream, const Line& line, TimePoint received)>;

  Pipeline(const config::Config& config, TakeLine take_line);
  ~Pipeline();

  /// What to ask the broker for.
  const std::vector<mqtt::Subscription>& subscriptions() const { return subscriptions_; }

  void take(const Message& message);

  PipelineCounts counts() const;

 private:
  struct Route;
  struct Target;
  using Targets = std::vector<Target>;

  Targets resolve(std::string_view topic);
  void feed(Target& target, const Message& message);
  void decode_error(Route& route, const Message& message, const decode::DecodeError& error);
  void unrouted(const Message& message, std::string_view why, std::string_view advice);

  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<mqtt::Subscription> subscriptions_;
  route::Router router_;
  std::vector<FilterUse> filters_;  // by the router's ids
  std::unordered_set<std::uint32_t> known_ids_;
  std::unordered_map<std::string, std::size_t> stream_numbers_;
  std::vector<TimeFormat> time_formats_;  // of the streams
  route::TopicCache<Targets> cache_;
  std::atomic<std::size_t> cached_topics_{0};
  TakeLine take_line_;
  std::atomic<std::uint64_t> unrouted_{0};
  RateLimit log_limit_;
  // Scratch, kept to save allocations.
  std::vector<Value> values_;
  std::string line_;
};

}  // namespace plotbridge::app
