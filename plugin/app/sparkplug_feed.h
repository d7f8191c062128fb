// The story of one Sparkplug message: all routes that take its topic share one state for each edge
// node (decode/sparkplug_host), and a death is a gap in every stream that the node fed. What it
// keeps for a metric or device hangs on the host's own state of it, is counted with it and goes
// with it. Not responsible for: which routes take a topic (pipeline), publishing commands. `take`
// belongs to the pipeline's thread; commands may be asked for by any.
#pragma once

#include "plugin/app/fed_streams.h"
#include "plugin/app/point_writer.h"
#include "plugin/base/state_memory.h"
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_host.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::app {

class SparkplugFeed {
 public:
  using Captures = std::vector<std::pair<std::string, std::string>>;
  /// Where messages of one topic go by one route, and what the topic captured.
  struct Target {
    RoutePlan* route = nullptr;
    Captures captures;
  };

  /// `asks`: whether rebirths may be asked for; `most_metrics` of one payload are taken.
  SparkplugFeed(StateMemory& memory, PointWriter& writer, bool asks, std::size_t most_metrics);

  /// `takers`: at least one; all routes at once, because there is one state for them. The copies
  /// that overlapping subscriptions bring are repetitions to it.
  void take(std::vector<Target*> takers, const Message& message);

  /// A message that was too large to be taken.
  void take_oversize(std::string_view topic);
  /// The broker had no session for us: births may have been missed. Where rebirths may be asked
  /// for, names hold no longer until they come; else those of before are the best there is.
  void begin_session() {
    if (asks_) host_.forget_names();
  }

  using Command = decode::RebirthSchedule::Command;
  std::vector<Command> due_commands(TimePoint now, WallTime wall);
  TimePoint next_command() const;
  void on_command(std::function<void()> nudge) { nudge_ = std::move(nudge); }

  using KeepBirth =
      std::function<void(std::string_view topic, std::optional<std::string_view> payload)>;
  void keep_births(KeepBirth keep) { keep_birth_ = std::move(keep); }
  void remember_birth(std::string_view topic, std::string_view payload);

 private:
  // Where one metric's points of one kind of message go by one route.
  struct MetricSeries : decode::SparkplugNote {
    Series series;
    decode::SparkplugType type = decode::SparkplugType::kState;
    std::optional<std::uint32_t> life;  // the last death before the points that it knows of
    std::unique_ptr<MetricSeries> next;
  };
  void take(const std::vector<Target*>& takers, const decode::SparkplugTopic& topic,
            const Message& message);
  void take_metric(const Target& target, const decode::SparkplugTopic& topic,
                   const decode::SparkplugSample& sample, const Message& message);
  /// That of the metric, or one for this sample alone where it is not worth keeping or has no room.
  MetricSeries& metric_series(const Target& target, const decode::SparkplugTopic& topic,
                              const decode::SparkplugSample& sample);
  void find_streams(Series& series, const Target& target, const decode::SparkplugTopic& topic,
                    std::string_view metric);
  /// False: there is no room for what a death would have to know.
  static bool note_fed(const Series& series, const decode::SparkplugSample& sample);
  void write_gaps(const decode::SparkplugOutcome& outcome, const Message& message);
  void tell_loss(RoutePlan& route, const decode::SparkplugOutcome& outcome, const Message& message);
  void note_rebirth(const decode::SparkplugTopic& topic, const decode::SparkplugOutcome& outcome,
                    const Message& message);

  PointWriter& writer_;
  decode::SparkplugHost host_;
  std::function<void()> nudge_;
  KeepBirth keep_birth_;
  std::mt19937_64 chance_{std::random_device{}()};
  const bool asks_;
  mutable std::mutex mutex_;          // the pipeline's thread and that of the commands
  decode::RebirthSchedule rebirths_;  // by mutex_
  // Scratch, kept to save allocations.
  std::vector<Value> slots_;
  MetricSeries series_;
};

}  // namespace plotbridge::app
