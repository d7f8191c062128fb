// Carries out what a point says to do with a value: map, scale, offset, round, time. Leaves to
// others: which value (point_plan). One thread at a time.
#pragma once

#include "plugin/model/decode_error_kind.h"
#include "plugin/model/point_spec.h"
#include "plugin/model/value.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::shape {

/// Why a sample gave no point.
struct Problem {
  /// "missing_field", "not_a_number", "not_in_map", "not_a_time".
  DecodeErrorKind kind;
  std::string message;
};

/// The value that compact JSON stands for; it borrows the text.
Value value_of_json(std::string_view json);

/// The texts of changed values, until the next point; they stay where they are.
class ValueTexts {
 public:
  void clear() { used_ = 0; }
  std::string& next() {
    if (used_ == texts_.size()) texts_.emplace_back();
    texts_[used_].clear();
    return texts_[used_++];
  }

 private:
  std::deque<std::string> texts_;
  std::size_t used_ = 0;
};

class ValueChanger {
 public:
  explicit ValueChanger(ValueChange change) : change_(std::move(change)) {}

  bool changes() const { return change_.changes(); }
  /// Changes `value`, whose text may then be in `texts`. A null stays null. `otherwise` is for what
  /// is not in the map.
  std::optional<Problem> apply(Value& value, const std::optional<std::string>& otherwise,
                               ValueTexts& texts) const;

 private:
  std::optional<Problem> to_time(Value& value) const;
  std::optional<Problem> calculate(Value& value, ValueTexts& texts) const;

  ValueChange change_;
};

}  // namespace plotbridge::shape
