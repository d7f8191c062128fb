// A payload that is one protobuf message, or with `delimited` several with their lengths before
// them; with `each` one sample for each element of a repeated field, whose fields are looked for in
// the element first and then in the message. Leaves to others: finding fields (proto_plan). One
// thread at a time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/decode/proto_plan.h"
#include "plugin/decode/proto_schemas.h"
#include "plugin/model/decode_spec.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class ProtoDecoder final : public Decoder {
 public:
  /// `type` and the paths are of `schemas`, which it keeps; every path is there (config checked
  /// that with find_proto_field).
  ProtoDecoder(std::shared_ptr<const ProtoSchemas> schemas, const ProtoType& type,
               const std::vector<FieldPath>& fields, const std::optional<FieldPath>& each,
               bool delimited, std::size_t max_points = kDefaultMaxPoints);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;
  /// At least 16 for each value that the budget counted.
  std::size_t cost_bytes(std::string_view payload) const override;
  std::string fields_of(std::string_view payload) override;

 private:
  /// `take` is null while all is only looked at. False: `stop_` says why.
  bool read_all(std::string_view payload, const TakeSample* take);
  bool read_message(std::string_view message, const TakeSample* take);
  bool read_element(const WireValue& element);
  /// Counts what becomes a point, or may; false when that is too much.
  bool count_points(std::string_view things, std::size_t& counted, std::size_t more,
                    const char* at);

  std::shared_ptr<const ProtoSchemas> schemas_;
  const ProtoType& type_;
  ProtoBudget budget_;
  ProtoPlan message_;
  const ProtoField* each_ = nullptr;
  std::unique_ptr<ProtoPlan> element_;      // of elements that are messages
  std::vector<bool> of_element_;            // slot i is of the element
  std::vector<std::size_t> whole_element_;  // slots that are the element itself
  bool delimited_;
  std::size_t max_points_;
  std::size_t passes_ = 0;    // over this payload
  std::size_t messages_ = 0;  // of this payload
  std::size_t elements_ = 0;
  std::vector<Value> slots_;
  ProtoStop stop_;
};

}  // namespace plotbridge::decode
