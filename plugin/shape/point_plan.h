// A route's point, ready for speed: which fields a decoder must deliver, and which value stands
// under which key. Leaves to others: decoding (decode) and writing (encode). One thread at a time.
#pragma once

#include "plugin/model/point_spec.h"
#include "plugin/model/value.h"
#include "plugin/shape/value_changer.h"

#include <cstddef>
#include <optional>
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
  /// The slot of a field that somebody else looks at too.
  std::size_t add_field(FieldPath field);

  /// Fills `values` (one for each key) from a sample; they are valid until the next call. Answers
  /// what is wrong with the first value that there is none of, if there is such a one.
  std::optional<Problem> shape(std::span<const Value> slots, const Context& context,
                               std::vector<Value>& values);

 private:
  struct Step {
    PointSource::Kind kind;
    std::size_t index;  // of the slot or the template
    std::string json;   // of the constant
    std::optional<std::string> missing_json;
    ValueChanger changer;
  };
  /// Leaves the value of a field, changed as the step says, in `value`.
  std::optional<Problem> take_field(const Step& step, std::span<const Value> slots, Value& value);

  std::vector<std::string> keys_;
  std::vector<FieldPath> fields_;
  std::vector<CaptureTemplate> templates_;
  std::vector<Step> steps_;
  ValueTexts texts_;
};

}  // namespace plotbridge::shape
