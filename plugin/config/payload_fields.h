// Which fields the payloads of a route have, as far as its `decode` says: what a name in the route
// stands for. Leaves to others: finding it in a payload (decode). Pure value; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/decode/proto_type.h"
#include "plugin/model/decode_spec.h"
#include "plugin/model/field_path.h"

#include <string_view>

namespace plotbridge::config {

/// As in `decode.type`.
std::string_view name_of(DecodeType type);

class PayloadFields {
 public:
  PayloadFields() = default;
  /// `message` is the type of a protobuf payload; null: it is not known, and every name passes.
  PayloadFields(DecodeSpec decode, const decode::ProtoType* message)
      : decode_(std::move(decode)), message_(message) {}

  const DecodeSpec& decode() const { return decode_; }
  /// `text` is a path, or $value for the whole. Error: what is wrong with it, and what there is.
  Result<FieldPath> find(std::string_view text) const;
  /// What `each` may be.
  Result<FieldPath> find_repeated(std::string_view text) const;

  void set_each(FieldPath path) { decode_.each = std::move(path); }
  /// What `each` is was not understood: from now on every name passes, because no more can be said.
  void forget_message() { message_ = nullptr; }
  void set_timestamp(TimestampSpec timestamp) { decode_.timestamp = std::move(timestamp); }

 private:
  Result<FieldPath> find_value() const;
  Result<FieldPath> find_of_metric(std::string_view text) const;
  Result<FieldPath> find_listed(std::string_view text) const;
  Result<FieldPath> find_in_message(FieldPath path) const;

  DecodeSpec decode_;
  const decode::ProtoType* message_ = nullptr;
};

}  // namespace plotbridge::config
