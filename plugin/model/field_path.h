// The path of a field inside a decoded payload: `motor.windings[2].temp`. Pure value; any thread.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace plotbridge {

/// A member's name or an element's index. No steps: the whole value.
struct FieldPath {
  using Step = std::variant<std::string, std::size_t>;
  std::vector<Step> steps;

  /// Names are separated by dots; an index stands in brackets. Error: what is wrong and at which
  /// character.
  static Result<FieldPath> parse(std::string_view text);

  /// As written in a configuration.
  std::string to_string() const;

  bool operator==(const FieldPath&) const = default;
};

}  // namespace plotbridge
