// All edge nodes that a host application hears of, and the rebirths it asks them for: at most one
// in 10 s a node, a moment late by chance, so that several hosts do not ask at once, and not at all
// when a birth, or the messages that were missing, came meanwhile. Leaves to others: sending. Pure:
// time and chance come in; one thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/decode/decompressor.h"
#include "plugin/decode/sparkplug_node.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

class SparkplugHost {
 public:
  static constexpr std::size_t kMostNodes = 10'000;
  static constexpr Duration kRebirthInterval = std::chrono::seconds(10);
  static constexpr Duration kRebirthJitter = std::chrono::seconds(1);
  /// How long a message that was passed over may be late before a rebirth is asked for.
  static constexpr Duration kReorderTime = std::chrono::seconds(2);

  /// `asks`: whether it may ask for rebirths.
  explicit SparkplugHost(bool asks) : asks_(asks) {}

  /// A message of an edge node or device; commands are nothing to a host. `chance` is 0 to 1.
  /// Errors: `sparkplug`, `compression`, and `too_many_nodes`.
  tl::expected<SparkplugOutcome, DecodeError> take(const SparkplugTopic& topic,
                                                   std::string_view payload, WallTime received,
                                                   TimePoint now, double chance,
                                                   const SparkplugNode::Take& take);

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
  /// Reads the payload, unpacked where it is packed.
  tl::expected<void, DecodeError> read(std::string_view payload);
  void want_rebirth(Node& node, bool may_come, TimePoint now, double chance);

  bool asks_;
  std::map<std::pair<std::string, std::string>, Node, NamePairLess> nodes_;  // group, edge node
  TimePoint deadline_ = kNever;
  SparkplugPayload payload_;
  SparkplugPayload envelope_;
  Decompressor gzip_{Compression::kGzip};
  Decompressor zlib_{Compression::kZlib};
};

/// The command that asks an edge node for its births (NCMD).
std::string encode_rebirth(WallTime at);

}  // namespace plotbridge::decode
