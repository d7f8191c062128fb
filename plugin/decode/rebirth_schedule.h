// When which edge node is to be asked for a rebirth: at most once in 10 s a node, a moment late by
// chance, so that several hosts do not ask at once, and not at all when a birth, or the messages
// that were missing, came meanwhile. Each call costs the logarithm of the nodes, `due` also what it
// gives. Only nodes that SparkplugHost remembers are in it, and it counts for them (`bytes_of`).
// Not responsible for: sending. Pure: time and chance come in; one thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/decode/sparkplug_node.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

class RebirthSchedule {
 public:
  static constexpr Duration kRebirthInterval = std::chrono::seconds(10);
  static constexpr Duration kRebirthJitter = std::chrono::seconds(1);
  /// How long a message that was passed over may be late before a rebirth is asked for.
  static constexpr Duration kReorderTime = std::chrono::seconds(2);

  /// What a message of the topic's edge node did. `chance` is 0 to 1. Whether `deadline` is earlier
  /// now.
  bool note(const SparkplugTopic& topic, const SparkplugOutcome& outcome, TimePoint now,
            double chance);
  void forget(std::string_view group, std::string_view edge_node);

  /// An edge node that is to be asked for a rebirth now.
  struct Command {
    std::string topic;
    std::string payload;
  };
  std::vector<Command> due(TimePoint now, WallTime wall);
  /// When `due` has something next; kNever: nothing is wanted.
  TimePoint deadline() const { return queue_.empty() ? kNever : queue_.begin()->first; }

  std::size_t nodes() const { return asks_.size(); }
  /// What one edge node costs at most.
  static std::size_t bytes_of(std::string_view group, std::string_view edge_node);

 private:
  struct Ask {
    TimePoint asked_at = TimePoint::min();
    TimePoint ask_at = kNever;
    bool may_come = false;  // it is to be asked only for what may be late
  };
  using Name = std::pair<std::string, std::string>;  // group, edge node
  using Asks = std::map<Name, Ask, NamePairLess>;
  using Node = Asks::value_type;
  using Queue = std::set<std::pair<TimePoint, Node*>>;

  void want(Node& node, bool may_come, TimePoint now, double chance);
  void set(Node& node, TimePoint at);

  Asks asks_;
  Queue queue_;  // those with a time
};

/// The command that asks an edge node for its births (NCMD).
std::string encode_rebirth(WallTime at);

}  // namespace plotbridge::decode
