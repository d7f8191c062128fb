// All Sparkplug edge nodes that a host application hears of, each with its names, counted in the
// budget of names that publishers choose (StateMemory), which says which of them are forgotten for
// others. Not responsible for: asking for rebirths (rebirth_schedule). Pure: time
// comes in; one thread at a time.
#pragma once

#include "plugin/base/state_memory.h"
#include "plugin/base/time.h"
#include "plugin/decode/decompressor.h"
#include "plugin/decode/sparkplug_node.h"
#include "plugin/decode/text_budget.h"
#include "plugin/model/decode_error_kind.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::decode {

/// One metric's value; borrows the payload and the host, during the call.
struct SparkplugSample {
  std::string_view device;  // empty: of the edge node itself
  std::string_view metric;
  Value value;
  WallTime at;  // of the metric, else of its payload, else when it was received
  /// Why there is no value: `line_too_long` (its text), `too_large` (the texts of the payload).
  DecodeErrorKind error = {};
  SparkplugNames* names = nullptr;        // of the edge node
  SparkplugMetricState* state = nullptr;  // the metric's, in `names`
};

class SparkplugHost {
 public:
  using TakeMetric = std::function<void(const SparkplugSample&)>;
  /// `on_forgotten` is called when an edge node is forgotten; `most_metrics` of one payload are
  /// taken.
  using OnForgotten = std::function<void(std::string_view group, std::string_view edge_node)>;
  explicit SparkplugHost(StateMemory& memory, OnForgotten on_forgotten = {},
                         std::size_t most_metrics = kDefaultMaxPoints)
      : memory_(memory), on_forgotten_(std::move(on_forgotten)), most_metrics_(most_metrics) {}

  /// A message of an edge node or device; commands are nothing to a host. A death of whom it does
  /// not know leaves nothing behind. Errors, of which nothing is taken: `sparkplug`, `compression`,
  /// `too_many_points` and `state_memory`; after that of a birth the names of the one before do not
  /// hold.
  tl::expected<SparkplugOutcome, DecodeError> take(const SparkplugTopic& topic,
                                                   std::string_view payload, WallTime received,
                                                   const TakeMetric& take);

  /// A message of which nothing is known but its topic, because it is too large. After a birth the
  /// names of the one before do not hold.
  void take_unreadable(const SparkplugTopic& topic);
  /// Births may have been missed: of no edge node names hold until it is born again.
  void forget_names();

  std::size_t nodes() const { return nodes_.size(); }

 private:
  using Name = std::pair<std::string, std::string>;  // group, edge node
  struct Node : StateMemory::Entry {
    Node(SparkplugHost& owner, std::uint64_t hash)
        : Entry(owner.memory_, StateMemory::Kind::kEdgeNode, hash),
          host(owner),
          node(owner.memory_, *this) {}
    void forget() override;

    SparkplugHost& host;
    const Name* name = nullptr;
    SparkplugNode node;
  };
  SparkplugSample sample_of(const SparkplugReading& reading);
  void forget_scratch();
  /// Reads the payload, unpacked where it is packed.
  tl::expected<void, DecodeError> read(std::string_view payload);
  /// The topic's, which is made when there is none; null: there is no room.
  Node* node_of(const SparkplugTopic& topic);

  StateMemory& memory_;
  OnForgotten on_forgotten_;
  std::map<Name, Node, NamePairLess> nodes_;
  SparkplugPayload payload_;
  std::size_t most_metrics_;
  TextBudget budget_;
  std::string text_;  // scratch
  Decompressor gzip_{Compression::kGzip};
  Decompressor zlib_{Compression::kZlib};
};

}  // namespace plotbridge::decode
