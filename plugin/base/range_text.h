// Ranges of offsets as text, `0-5,7-9`: half open, ascending and apart; no ranges are no text. It
// stands in headers and in the state file. Not responsible for: the set itself (range_set.h). Pure;
// any thread.
#pragma once

#include "plugin/base/range_set.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge {

/// Whether it is a range of offsets that may stand behind those in `before`.
bool may_follow(std::span<const OffsetRange> before, OffsetRange range);

/// The lowest of them that fit into `most_bytes`.
std::string to_text(std::span<const OffsetRange> ranges,
                    std::size_t most_bytes = std::string_view::npos);

/// Nothing when the text is not exactly that, or has more than `most` ranges.
std::optional<std::vector<OffsetRange>> read_ranges(std::string_view text, std::size_t most);

}  // namespace plotbridge
