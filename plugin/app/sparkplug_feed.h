// The story of one Sparkplug message: all routes that take its topic share one state for each edge
// node (decode/sparkplug_host), and a death is a gap in every stream that the node fed. Not
// responsible for: which routes take a topic (pipeline), publishing commands. `take` belongs to the
// pipeline's thread; commands may be asked for by any.
#pragma once

#include "plugin/app/fed_streams.h"
#include "plugin/app/point_writer.h"
#include "plugin/decode/sparkplug_host.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace plotbridge::app {

// Finds a metric by a name that is not a string of its own.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};

class SparkplugFeed {
 public:
  using Captures = std::vector<std::pair<std::string, std::string>>;
  struct MetricSeries {
    Series series;
    std::uint64_t deaths = 0;  // those that the deadband has heard of
  };
  /// Where messages of one topic go by one route: what the topic captured, and each metric.
  struct Target {
    RoutePlan* route = nullptr;
    Captures captures;
    std::unordered_map<std::string, std::unique_ptr<MetricSeries>, NameHash, std::equal_to<>>
        metrics;
  };

  /// `asks`: whether rebirths may be asked for; `most_metrics` of one payload are taken.
  SparkplugFeed(PointWriter& writer, bool asks, std::size_t most_metrics)
      : writer_(writer), host_(asks, most_metrics) {}

  /// All routes at once, because there is one state for them; the copies that overlapping
  /// subscriptions bring are repetitions to it.
  void take(std::vector<Target*> takers, const Message& message);

  using Command = decode::SparkplugHost::Command;
  std::vector<Command> due_commands(TimePoint now, WallTime wall);
  TimePoint next_command() const;
  void on_command(std::function<void()> nudge) { nudge_ = std::move(nudge); }

  using KeepBirth = std::function<void(std::string_view topic, std::string_view payload)>;
  void keep_births(KeepBirth keep) { keep_birth_ = std::move(keep); }
  void remember_birth(std::string_view topic, std::string_view payload);

 private:
  void take(const std::vector<Target*>& takers, const decode::SparkplugTopic& topic,
            const Message& message);
  void take_metric(Target& target, const decode::SparkplugTopic& topic,
                   const decode::SparkplugSample& sample, const Message& message);
  MetricSeries& metric_series(Target& target, const decode::SparkplugTopic& topic,
                              std::string_view metric);
  void write_gaps(const decode::SparkplugTopic& topic, bool whole_node, WallTime at,
                  const Message& message);

  PointWriter& writer_;
  mutable std::mutex mutex_;  // the pipeline's thread and that of the commands
  decode::SparkplugHost host_;
  FedStreams fed_;
  std::uint64_t deaths_ = 0;
  std::function<void()> nudge_;
  KeepBirth keep_birth_;
  std::mt19937_64 chance_{std::random_device{}()};
  std::vector<Value> slots_;  // scratch
};

}  // namespace plotbridge::app
