// All edge nodes that a host application hears of, and the rebirths it asks them for: at most one
// in 10 s a node, a moment late by chance, so that several hosts do not ask at once, and not at all
// when a birth, or the messages that were missing, came meanwhile. Leaves to others: sending. Pure:
// time and chance come in; one thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/decode/decompressor.h"
#include "plugin/decode/sparkplug_node.h"
#include "plugin/decode/text_budget.h"
#include "plugin/model/value.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

/// One metric's value; borrows the payload and the host, during the call.
struct SparkplugSample {
  std::string_view device;  // empty: of the edge node itself
  std::string_view metric;
  Value value;
  WallTime at;  // of the metric, else of its payload, else when it was received
  /// Why there is no value: `line_too_long` (its text), `too_large` (the texts of the payload).
  std::string_view error = {};
};

class SparkplugHost {
 public:
  using TakeMetric = std::function<void(const SparkplugSample&)>;
  static constexpr std::size_t kMostNodes = 10'000;
  static constexpr Duration kRebirthInterval = std::chrono::seconds(10);
  static constexpr Duration kRebirthJitter = std::chrono::seconds(1);
  /// How long a message that was passed over may be late before a rebirth is asked for.
  static constexpr Duration kReorderTime = std::chrono::seconds(2);

  /// `asks`: whether it may ask for rebirths; `most_metrics` of one payload are taken.
  explicit SparkplugHost(bool asks, std::size_t most_metrics = kDefaultMaxPoints)
      : asks_(asks), most_metrics_(most_metrics) {}

  /// A message of an edge node or device; commands are nothing to a host. `chance` is 0 to 1.
  /// Errors, of which nothing is taken: `sparkplug`, `compression`, `too_many_points` and
  /// `too_many_nodes`.
  tl::expected<SparkplugOutcome, DecodeError> take(const SparkplugTopic& topic,
                                                   std::string_view payload, WallTime received,
                                                   TimePoint now, double chance,
                                                   const TakeMetric& take);

  /// An edge node that is to be asked for a rebirth now.
  struct Command {
    std::string topic;
    std::string payload;
  };
  std::vector<Command> due(TimePoint now, WallTime wall);
  /// When `due` has something next; kNever: nothing is wanted.
  TimePoint deadline() const { return deadline_; }

  std::size_t nodes() const { return nodes_.size(); }

 private:
  struct Node {
    SparkplugNode node;
    TimePoint asked_at = TimePoint::min();
    TimePoint ask_at = kNever;
    bool may_come = false;  // it is to be asked only for what may be late
  };
  SparkplugSample sample_of(const SparkplugReading& reading);
  void forget_scratch();
  /// Reads the payload, unpacked where it is packed.
  tl::expected<void, DecodeError> read(std::string_view payload);
  void want_rebirth(Node& node, bool may_come, TimePoint now, double chance);

  bool asks_;
  std::map<std::pair<std::string, std::string>, Node, NamePairLess> nodes_;  // group, edge node
  TimePoint deadline_ = kNever;
  SparkplugPayload payload_;
  std::size_t most_metrics_;
  TextBudget budget_;
  std::string text_;
  Decompressor gzip_{Compression::kGzip};
  Decompressor zlib_{Compression::kZlib};
};

/// The command that asks an edge node for its births (NCMD).
std::string encode_rebirth(WallTime at);

}  // namespace plotbridge::decode
