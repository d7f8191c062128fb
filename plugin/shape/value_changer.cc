#include "plugin/shape/value_changer.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/number_text.h"
#include "plugin/base/utf8.h"
#include "plugin/shape/time_reader.h"

#include <algorithm>
#include <cmath>

namespace plotbridge::shape {
namespace {

constexpr std::size_t kShownBytes = 40;

std::string shown(const Value& value) {
  if (value.kind == Value::Kind::kTime) return "a time";
  std::string text;
  append_valid_utf8(whole_characters(value.text, kShownBytes), text);
  return value.kind == Value::Kind::kText ? '"' + text + '"' : text;
}

/// Numbers that are sent as texts count as numbers where a number is asked for.
std::optional<double> number_of(const Value& value) {
  const bool may_be = value.kind == Value::Kind::kNumber || value.kind == Value::Kind::kText;
  return may_be ? number_value(value.text) : std::nullopt;
}

}  // namespace

Value value_of_json(std::string_view json) {
  if (json == "null") return Value::null();
  return is_json_number(json) ? Value::number(json) : Value::json(json);
}

std::optional<Problem> ValueChanger::apply(Value& value,
                                           const std::optional<std::string>& otherwise,
                                           ValueTexts& texts) const {
  if (value.kind == Value::Kind::kNull || value.kind == Value::Kind::kMissing) return {};
  if (!change_.map.empty()) {
    const auto known =
        std::ranges::find(change_.map, value.text, &std::pair<std::string, std::string>::first);
    if (known == change_.map.end() && !otherwise) {
      return Problem{"not_in_map", "the map has no " + shown(value) + ", and there is no default"};
    }
    value = value_of_json(known != change_.map.end() ? known->second : *otherwise);
    if (known == change_.map.end() || value.kind == Value::Kind::kNull) return {};
  }
  if (change_.time) return to_time(value);
  if (change_.scale || change_.offset || change_.round) return calculate(value, texts);
  return {};
}

std::optional<Problem> ValueChanger::to_time(Value& value) const {
  if (value.kind == Value::Kind::kTime) return {};
  const bool may_be = value.kind == Value::Kind::kNumber || value.kind == Value::Kind::kText;
  const auto time = may_be ? read_time(value.text, *change_.time) : std::nullopt;
  if (!time) {
    return Problem{"not_a_time", "expected " + std::string(expected_time(*change_.time)) +
                                     ", found " + shown(value)};
  }
  value = Value::of_time(*time);
  return {};
}

std::optional<Problem> ValueChanger::calculate(Value& value, ValueTexts& texts) const {
  const auto number = number_of(value);
  if (!number) {
    return Problem{"not_a_number", "scale, offset and round need a number, found " + shown(value)};
  }
  const double result = *number * change_.scale.value_or(1) + change_.offset.value_or(0);
  if (!std::isfinite(result)) {
    value = Value::null();
    return {};
  }
  std::string& text = texts.next();
  if (change_.round) {
    append_decimals(result, *change_.round, text);
  } else {
    append_rounded(result, text);
  }
  value = Value::number(text);
  return {};
}

}  // namespace plotbridge::shape
