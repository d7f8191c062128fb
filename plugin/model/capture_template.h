// A text with holes for what a topic filter captured: "{line}.{id}". Used for the names of streams
// and for values of a point. Leaves to others: where the captures come from (route). Pure value;
// any thread.
#pragma once

#include "plugin/base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge {

struct CaptureTemplate {
  struct Part {
    bool capture = false;  // text names a capture; otherwise it is literal
    std::string text;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;

  /// Error: a { without }, an empty name, a } alone.
  static Result<CaptureTemplate> parse(std::string_view text);

  /// Whether there is anything to fill in.
  bool has_captures() const;

  /// The text with every hole filled; nothing when `value_of` does not know a name.
  std::optional<std::string> render(
      const std::function<std::optional<std::string_view>(std::string_view name)>& value_of) const;

  bool operator==(const CaptureTemplate&) const = default;
};

}  // namespace plotbridge
