#include "plugin/base/range_text.h"

#include "plugin/base/number_text.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace plotbridge {
namespace {

// Takes a number, written as it is written here, and moves `text` on behind it.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const char* const begin = text.data();
  const auto [end, error] = std::from_chars(begin, begin + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - begin);
  if (error != std::errc() || (text[0] == '0' && digits > 1)) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool may_follow(std::span<const OffsetRange> before, OffsetRange range) {
  return range.from < range.to && range.to <= kOffsetsEnd &&
         (before.empty() || range.from > before.back().to);
}

std::string to_text(std::span<const OffsetRange> ranges, std::size_t most_bytes) {
  std::string text;
  for (const OffsetRange& range : ranges) {
    const std::size_t before = text.size();
    if (!text.empty()) text += ',';
    append_unsigned(range.from, text);
    text += '-';
    append_unsigned(range.to, text);
    if (text.size() <= most_bytes) continue;
    text.resize(before);
    break;
  }
  return text;
}

std::optional<std::vector<OffsetRange>> read_ranges(std::string_view text, std::size_t most) {
  std::vector<OffsetRange> ranges;
  while (!text.empty()) {
    OffsetRange range;
    if (!ranges.empty() && !take(text, ',')) return std::nullopt;
    if (!take_number(text, range.from) || !take(text, '-') || !take_number(text, range.to) ||
        !may_follow(ranges, range) || ranges.size() == most) {
      return std::nullopt;
    }
    ranges.push_back(range);
  }
  return ranges;
}

}  // namespace plotbridge
