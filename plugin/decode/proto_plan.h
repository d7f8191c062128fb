// The fields of a route as one tree over a message type, so that one walk over the wire format
// finds them all and skips everything else by its length. Leaves to others: samples and error texts
// (proto_decoder). One thread at a time.
#pragma once

#include "plugin/decode/proto_json.h"
#include "plugin/decode/proto_type.h"
#include "plugin/model/field_path.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class ProtoPlan {
 public:
  /// `width` values come out. `budget` says what each payload may take, and outlives this object.
  ProtoPlan(const ProtoType& type, std::size_t width, ProtoBudget& budget);
  ~ProtoPlan();

  /// Slot `slot` is to be the field `path`, which the type has (see find_proto_field); no steps:
  /// the whole message.
  void want(const FieldPath& path, std::size_t slot);
  /// The repeated field `path` is to be collected, for `collected`.
  void collect(const FieldPath& path);

  /// Reads a message into `slots`; false: `stop` says why.
  bool read(std::string_view bytes);
  /// Valid until the next `read`, while the message's bytes live.
  std::span<const Value> slots() const { return slots_; }
  std::span<const WireValue> collected() const;
  const ProtoStop& stop() const { return stop_; }
  /// Gives back what an unusual message took; `slots` are not valid any more.
  void forget_scratch();

  /// A value of a field that was collected, as slot `slot`.
  bool put(std::size_t slot, const ProtoField& field, const WireValue& value);

 private:
  struct Node;
  struct Entry;
  struct Pick;

  static Node& node_of(std::unique_ptr<Node>& child, const ProtoType& type);
  Entry& entry_of(Node& node, const ProtoField& field);
  static Pick& pick_of(Entry& entry, const FieldPath::Step& step);
  static std::size_t size_of(Entry& entry);
  bool forget_others(Node& node, const ProtoField& member);
  void want(Node& node, const FieldPath& path, std::size_t step, std::size_t slot);
  void reset(Node& node);
  void forget(Entry& entry);
  bool walk(Node& node, std::string_view bytes);
  bool take(Entry& entry, WireReader& reader, WireType type);
  bool finish(Node& node);
  bool finish(Entry& entry);
  bool finish_map(Entry& entry);
  bool put_pick(Pick& pick, const ProtoField& field, const WireValue& value);
  bool put_scalar(std::size_t slot, const ProtoField& field, const WireValue& value);
  void forget_scratch(Node& node);
  bool put_json(std::size_t slot, const ProtoField& field, std::span<const WireValue> values);
  bool put_time(std::size_t slot, const ProtoType& type, std::string_view bytes);

  const ProtoType& type_;
  ProtoBudget& budget_;
  std::unique_ptr<Node> root_;
  Entry* collected_ = nullptr;
  std::vector<std::size_t> whole_;  // slots that are the whole message
  std::vector<Value> slots_;
  std::vector<std::string> texts_;  // of the slots
  std::string key_;                 // of a map's entry
  ProtoJson json_;
  ProtoStop stop_;
};

}  // namespace plotbridge::decode
