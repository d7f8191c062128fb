// What one Sparkplug edge node's births and data gave names to: its devices, their metrics, and the
// aliases. All of it is counted in the budget of names that publishers choose (StateMemory), as
// bytes of the edge node. Where it gives the node no more, the node's devices that were heard least
// recently go, then metrics of the one that is heard; those of the message itself never. Costs: a
// name is found in the logarithm of their number, an alias at once; whatever else a message does
// costs its own metrics, and for each name once its removal. Not responsible for: what messages
// mean (sparkplug_node). Pure; one thread at a time.
#pragma once

#include "plugin/base/heap_bytes.h"
#include "plugin/base/recency_list.h"
#include "plugin/base/state_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plotbridge::decode {

/// What the host's user keeps with a device or a metric: it is forgotten together with it.
struct SparkplugNote {
  SparkplugNote() = default;
  SparkplugNote(const SparkplugNote&) = delete;
  SparkplugNote& operator=(const SparkplugNote&) = delete;
  virtual ~SparkplugNote() = default;
};

struct SparkplugDevice;

struct SparkplugMetricState {
  const std::string* name = nullptr;
  SparkplugDevice* device = nullptr;
  std::uint64_t alias = 0;
  // Of the value that was given out last.
  std::uint64_t timestamp = 0;
  std::size_t fingerprint = 0;
  std::uint32_t deaths = 0;  // that there had been then
  std::uint32_t datatype = 0;
  std::uint32_t birth = 0;    // the one that named it
  std::uint32_t message = 0;  // the one that had it last
  std::uint32_t bytes = 0;    // counted for it, its alias and its note included
  bool has_alias = false;
  std::unique_ptr<SparkplugNote> note;
  SparkplugMetricState* newer = nullptr;
  SparkplugMetricState* older = nullptr;
};

struct SparkplugDevice {
  using Metrics = std::map<std::string, SparkplugMetricState, std::less<>>;

  const std::string* name = nullptr;  // empty: the edge node itself
  std::size_t bytes = 0;              // counted for it, its metrics included
  std::uint32_t birth = 0;            // the number of its last one
  std::uint32_t died = 0;             // the number of its last death
  std::uint32_t lived = 0;            // the deaths that there had been when it was heard last
  std::uint32_t message = 0;          // the one that it was heard in last
  Metrics metrics;
  RecencyList<SparkplugMetricState> by_recency;
  std::unique_ptr<SparkplugNote> note;
  SparkplugDevice* newer = nullptr;
  SparkplugDevice* older = nullptr;
};

class SparkplugNames {
 public:
  /// `node` is what is counted for, and forgotten as a whole.
  SparkplugNames(StateMemory& memory, StateMemory::Entry& node) : memory_(memory), node_(node) {}

  /// A message begins: what it names is heard now.
  void begin_message() { ++message_; }
  /// The edge node is born: nothing has a name until it is named again.
  void begin_node_birth() { node_birth_ = ++births_; }
  void begin_device_birth(SparkplugDevice& device) { device.birth = ++births_; }
  /// Forgets what the birth of the device, or of the edge node itself, did not name.
  void end_birth(SparkplugDevice& device);

  /// Null: it is not known.
  SparkplugDevice* find_device(std::string_view name);
  /// It is heard now. Null: there is no room.
  SparkplugDevice* learn_device(std::string_view name);

  /// Null: nothing has named it since the last birth.
  SparkplugMetricState* find(SparkplugDevice& device, std::string_view name);
  SparkplugMetricState* find(std::uint64_t alias);
  /// Names it from now on, and touches it. Null: there is no room.
  SparkplugMetricState* learn(SparkplugDevice& device, std::string_view name);
  /// Takes it from the metric that had it, if any. False: there is no room.
  bool give_alias(SparkplugMetricState& metric, std::uint64_t alias);
  /// It is heard now, and its device with it.
  void touch(SparkplugMetricState& metric);

  /// The device dies, or the whole edge node: what was given out holds no longer.
  void bury(SparkplugDevice& device) { device.died = ++deaths_; }
  void bury_all() { node_died_ = ++deaths_; }
  /// The number of the last death that the device had a part in; 0: none.
  std::uint32_t last_death(const SparkplugDevice& device) const {
    return std::max(device.died, node_died_);
  }
  bool is_alive(const SparkplugDevice& device) const { return device.lived >= last_death(device); }
  /// Those that were heard since the edge node died last, and did not die since.
  std::vector<SparkplugDevice*> alive();

  /// Counts `bytes` more for a note of the device, for which other names of the edge node may go,
  /// or for one of the metric, for which none goes. The note exists already, so that nothing is
  /// counted that then is not made. False: there is no room.
  bool charge(SparkplugDevice& device, std::size_t bytes);
  bool charge(SparkplugMetricState& metric, std::size_t bytes);
  /// What has no room now may have it once the edge node is established (StateMemory).
  bool is_short() const { return memory_.is_short(node_); }

  /// Names that were gone through one by one so far: tests hold a message's cost against it.
  std::uint64_t visits() const { return visits_; }

 private:
  // Aliases are numbers that others choose: they must not choose the buckets.
  struct AliasHash {
    std::uint64_t salt;
    std::size_t operator()(std::uint64_t alias) const;
  };

  std::uint32_t birth_of(const SparkplugDevice& device) const {
    return std::max(device.birth, node_birth_);
  }
  void touch(SparkplugDevice& device);
  /// Other devices go for it, then metrics of `device`; nothing that this message has.
  bool reserve(std::size_t bytes, SparkplugDevice* device);
  bool forget_one(SparkplugDevice* device);
  void forget(SparkplugDevice& device);
  void forget(SparkplugMetricState& metric);
  void drop_alias(SparkplugMetricState& metric);
  void give_buckets_back();
  static void count(SparkplugMetricState& metric, std::size_t bytes);

  StateMemory& memory_;
  StateMemory::Entry& node_;
  std::map<std::string, SparkplugDevice, std::less<>> devices_;
  RecencyList<SparkplugDevice> by_recency_;
  std::unordered_map<std::uint64_t, SparkplugMetricState*, AliasHash> aliases_{
      0, AliasHash{reinterpret_cast<std::uintptr_t>(this)}};
  std::uint32_t message_ = 0;
  std::uint32_t births_ = 0;
  std::uint32_t node_birth_ = 0;
  std::uint32_t deaths_ = 0;
  std::uint32_t node_died_ = 0;
  std::uint64_t visits_ = 0;
};

}  // namespace plotbridge::decode
