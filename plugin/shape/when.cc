#include "plugin/shape/when.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/number_text.h"

#include <algorithm>
#include <string_view>

namespace plotbridge::shape {

When::When(const WhenSpec& spec) : above_(spec.above), below_(spec.below) {
  for (const std::string& json : spec.one_of) {
    Scalar scalar{json, number_value(json), json.starts_with('"')};
    if (scalar.is_text) {
      scalar.text.clear();
      append_json_unescaped(std::string_view(json).substr(1, json.size() - 2), scalar.text);
    }
    one_of_.push_back(std::move(scalar));
  }
}

bool When::holds(const Value& value) const {
  if (value.kind == Value::Kind::kMissing) return false;
  if (!one_of_.empty() &&
      std::ranges::none_of(one_of_, [&](const Scalar& scalar) { return is(value, scalar); })) {
    return false;
  }
  if (!above_ && !below_) return true;
  const bool may_be = value.kind == Value::Kind::kNumber || value.kind == Value::Kind::kText;
  const auto number = may_be ? number_value(value.text) : std::nullopt;
  if (!number) return false;
  return (!above_ || *number > *above_) && (!below_ || *number < *below_);
}

bool When::is(const Value& value, const Scalar& scalar) const {
  switch (value.kind) {
    case Value::Kind::kNumber:
      if (scalar.is_text || !scalar.number) return false;
      // Equal digits first: 64-bit integers are finer than a double.
      return value.text == scalar.text ||
             (value.text.size() < 16 && number_value(value.text) == scalar.number);
    case Value::Kind::kText:
      return scalar.is_text && value.text == scalar.text;
    case Value::Kind::kJson:
      return !scalar.is_text && value.text == scalar.text;  // true and false
    case Value::Kind::kNull:
      return scalar.text == "null" && !scalar.is_text;
    case Value::Kind::kMissing:
    case Value::Kind::kTime:
      break;
  }
  return false;
}

}  // namespace plotbridge::shape
