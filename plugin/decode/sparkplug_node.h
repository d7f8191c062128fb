// What is known of one Sparkplug edge node: its births, the aliases they gave, its sequence, who of
// it is alive. Leaves to others: when a rebirth is really asked for (sparkplug_host). Pure: time
// comes in with the message; one thread at a time.
#pragma once

#include "plugin/decode/sparkplug_payload.h"
#include "plugin/decode/sparkplug_topic.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace plotbridge::decode {

/// One metric as it came, with what the node knows of it; borrows the payload and the node, during
/// the call.
struct SparkplugReading {
  std::string_view device;  // empty: of the edge node itself
  std::string_view metric;
  const SparkplugMetric& wire;
  std::uint32_t datatype;
  WallTime at;  // of the metric, else of its payload, else when it was received
};

/// What a message did besides its samples.
struct SparkplugOutcome {
  bool duplicate = false;  // it was here before: nothing else holds
  bool node_died = false;
  bool device_died = false;
  WallTime died_at{};     // a node when it was heard of: its death was written as it connected
  bool born = false;      // the node's birth
  std::string rebirth;    // why a new birth is needed; empty: it is not
  bool may_come = false;  // what `rebirth` misses may be late only
  bool has_come = false;  // all that was missing came after all
  std::size_t lost = 0;   // metrics whose names are not known
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
  /// Names are remembered up to this; what a birth says beyond it is not.
  static constexpr std::size_t kMostMetrics = 100'000;
  using Take = std::function<void(const SparkplugReading&)>;

  /// A message of this node, of any type but a command.
  SparkplugOutcome take(const SparkplugTopic& topic, const SparkplugPayload& payload,
                        WallTime received, const Take& take);

 private:
  struct Metric {
    std::string device;
    std::string name;
    std::uint32_t datatype = 0;
    bool listed = false;  // in the birth that counts
    // Of the value that was given out last.
    std::uint64_t timestamp = 0;
    std::size_t print = 0;
  };

  void take_birth(const SparkplugTopic& topic, const SparkplugPayload& payload, WallTime received,
                  const Take& take, SparkplugOutcome& outcome);
  void take_data(const SparkplugTopic& topic, const SparkplugPayload& payload, WallTime received,
                 const Take& take, SparkplugOutcome& outcome);
  void take_death(const SparkplugPayload& payload, WallTime received, SparkplugOutcome& outcome);
  bool is_repeated(const SparkplugTopic& topic, const SparkplugPayload& payload) const;
  void check_sequence(const SparkplugPayload& payload, SparkplugOutcome& outcome);
  void forget_sequence();
  Metric* find(std::string_view device, const SparkplugMetric& metric);
  /// Null: there are too many.
  Metric* learn(std::string_view device, const SparkplugMetric& metric, SparkplugOutcome& outcome);
  void forget_unlisted(std::string_view device);
  void forget_values(std::string_view device, bool all);
  /// `only_new`: not when the same value came before.
  void give(Metric& known, const SparkplugMetric& metric, const SparkplugPayload& payload,
            WallTime received, bool only_new, const Take& take);

  std::map<std::pair<std::string, std::string>, Metric, NamePairLess> metrics_;  // device, name
  std::unordered_map<std::uint64_t, Metric*> aliases_;
  bool born_ = false;  // by a birth of its own, not a broker's copy
  bool alive_ = false;
  std::optional<std::uint64_t> bd_seq_;
  std::optional<std::uint64_t> seq_;
  std::bitset<256> missing_;  // numbers that were passed over
  // Of the message before.
  std::optional<std::uint64_t> last_seq_;
  std::optional<std::uint64_t> last_timestamp_;
  SparkplugType last_type_ = SparkplugType::kNodeData;
};

}  // namespace plotbridge::decode
