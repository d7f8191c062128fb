// What the messages of one Sparkplug edge node mean: births, data, deaths, their sequence. A
// message costs its own metrics, whatever else the node has. Not responsible for: the names
// (sparkplug_names), and when a rebirth is really asked for (rebirth_schedule). Pure: time comes in
// with the message; one thread at a time.
#pragma once

#include "plugin/decode/sparkplug_names.h"
#include "plugin/decode/sparkplug_payload.h"
#include "plugin/decode/sparkplug_topic.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

/// One metric as it came, with what the node knows of it; borrows the payload and the node, during
/// the call.
struct SparkplugReading {
  std::string_view device;  // empty: of the edge node itself
  std::string_view metric;
  const SparkplugMetric& wire;
  std::uint32_t datatype;
  WallTime at;  // of the metric, else of its payload, else when it was received
  SparkplugNames& names;
  SparkplugMetricState& state;
};

/// What a message did besides its samples.
struct SparkplugOutcome {
  bool duplicate = false;  // it was here before: nothing else holds
  bool node_died = false;
  /// Who died of what was alive; until the next message.
  std::vector<SparkplugDevice*> dead;
  WallTime died_at{};       // a node when it was heard of: its death was written as it connected
  bool born = false;        // the node's birth
  std::string rebirth;      // why a new birth is needed; empty: it is not
  bool may_come = false;    // what `rebirth` misses may be late only
  bool has_come = false;    // all that was missing came after all
  std::size_t lost = 0;     // metrics whose names are not known
  std::size_t refused = 0;  // metrics whose names or aliases have no room
};

/// Orders pairs of names, whether they own their texts or not.
struct NamePairLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    const int first = std::string_view(a.first).compare(std::string_view(b.first));
    return first != 0 ? first < 0 : std::string_view(a.second) < std::string_view(b.second);
  }
};

class SparkplugNode {
 public:
  /// `entry` is what is counted in `memory` for the edge node.
  SparkplugNode(StateMemory& memory, StateMemory::Entry& entry) : names_(memory, entry) {}

  using Take = std::function<void(const SparkplugReading&)>;

  /// A message of this node, of any type but a command.
  SparkplugOutcome take(const SparkplugTopic& topic, const SparkplugPayload& payload,
                        WallTime received, const Take& take);
  /// A message whose payload cannot be read. Of a birth: what the one before named has no name.
  void take_unreadable(const SparkplugTopic& topic);
  /// What births named has no name until they come again: some may have been missed.
  void forget_names();

 private:
  /// What the parts of one message share.
  struct Context {
    const SparkplugTopic& topic;
    const SparkplugPayload& payload;
    WallTime received;
    const Take& take;
    SparkplugOutcome& outcome;
  };
  void take_certificate(const Context& context);
  void take_birth(const Context& context);
  void take_data(const Context& context);
  void take_device_death(const Context& context);
  void take_death(const Context& context);
  bool is_repeated(const SparkplugTopic& topic, const SparkplugPayload& payload);
  void check_sequence(const SparkplugPayload& payload, SparkplugOutcome& outcome);
  void forget_sequence();
  SparkplugMetricState* find(SparkplugDevice& device, const SparkplugMetric& metric);
  /// Null: there is no room.
  SparkplugMetricState* learn(SparkplugDevice& device, const SparkplugMetric& metric,
                              SparkplugOutcome& outcome);
  /// `only_new`: not when the same value came before.
  void give(SparkplugMetricState& known, const SparkplugMetric& metric, const Context& context,
            bool only_new);

  SparkplugNames names_;
  bool is_full_ = false;  // names of the last birth had no room: another one would not help
  bool born_ = false;     // by a birth of its own, not a broker's copy
  bool alive_ = false;
  std::optional<std::uint64_t> bd_seq_;
  std::optional<std::uint64_t> seq_;
  std::bitset<256> missing_;  // numbers that were passed over
  // Of the message before.
  std::optional<std::uint64_t> last_seq_;
  std::optional<std::uint64_t> last_timestamp_;
  SparkplugType last_type_ = SparkplugType::kNodeData;
  std::size_t last_birth_ = 0;  // the hash of its payload, if it was one
};

}  // namespace plotbridge::decode
