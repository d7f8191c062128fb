// The adapter of yaml-cpp: the text of one YAML document to a tree with marks, or why not. Leaves
// to others: reading files and what the document means. Any thread.
#pragma once

#include "plugin/config/node.h"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace plotbridge::config {

/// Where a document stops being YAML, or breaks a limit.
struct SyntaxError {
  Mark mark;
  std::string message;
};

inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxConfigNodes =
    100'000;  // aliases counted as often as they are used
inline constexpr std::size_t kMaxConfigDepth = 32;

/// `text` is UTF-8. Never throws.
tl::expected<Node, SyntaxError> parse_yaml(std::string_view text);

}  // namespace plotbridge::config
