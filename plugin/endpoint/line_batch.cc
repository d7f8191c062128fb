#include "plugin/endpoint/line_batch.h"

#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace plotbridge::endpoint {
namespace {

// A number and the character behind it.
std::optional<std::size_t> take_number(std::string_view& text, char end) {
  std::size_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(at - text.data());
  if (error != std::errc() || digits >= text.size() || *at != end) return std::nullopt;
  text.remove_prefix(digits + 1);
  return number;
}

}  // namespace

void append_lines(std::string_view token, std::string_view lines, std::string& batch) {
  batch += std::to_string(token.size());
  batch += ' ';
  batch += std::to_string(lines.size());
  batch += '\n';
  batch += token;
  batch += lines;
}

bool for_each_line(std::string_view batch,
                   const std::function<void(std::string_view token, std::string_view line)>& take) {
  while (!batch.empty()) {
    const auto token_bytes = take_number(batch, ' ');
    const auto lines_bytes = token_bytes ? take_number(batch, '\n') : std::nullopt;
    if (!lines_bytes || *token_bytes > batch.size()) return false;
    const std::string_view token = batch.substr(0, *token_bytes);
    batch.remove_prefix(*token_bytes);
    if (*lines_bytes > batch.size()) return false;
    std::string_view lines = batch.substr(0, *lines_bytes);
    batch.remove_prefix(*lines_bytes);
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      take(token, lines.substr(0, end));
      lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
  }
  return true;
}

}  // namespace plotbridge::endpoint
