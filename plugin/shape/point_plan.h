// A route's point, ready for speed: which fields a decoder must deliver, and which value stands
// under which key. Leaves to others: decoding (decode) and writing (encode). One thread at a time.
#pragma once

#include "plugin/model/point_spec.h"
#include "plugin/model/value.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::shape {

/// What a message brings besides its payload.
struct Context {
  WallTime received_at;
  std::string_view topic;
  /// One rendered text for each template of the plan, in the order of `templates()`.
  std::span<const std::string> rendered;
};

class PointPlan {
 public:
  explicit PointPlan(PointSpec spec);

  /// The keys of the point, in order.
  const std::vector<std::string>& keys() const { return keys_; }
  /// The fields a sample must have, in slot order; each once. A path without steps is `$value`.
  const std::vector<FieldPath>& fields() const { return fields_; }
  /// The templates to render for each topic.
  const std::vector<CaptureTemplate>& templates() const { return templates_; }

  /// Fills `values` (one for each key) from a sample. Returns the path of the first missing field
  /// that has no default, or nullptr when the point is whole.
  const FieldPath* shape(std::span<const Value> slots, const Context& context,
                         std::vector<Value>& values) const;

 private:
  struct Step {
    PointSource::Kind kind;
    std::size_t index = 0;  // of the slot, the template or the constant
    bool has_missing = false;
    std::string json;  // of the constant, or of the default
  };
  std::vector<std::string> keys_;
  std::vector<FieldPath> fields_;
  std::vector<CaptureTemplate> templates_;
  std::vector<Step> steps_;
};

}  // namespace plotbridge::shape
