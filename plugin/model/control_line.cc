#include "plugin/model/control_line.h"

#include "plugin/base/range_set.h"

#include <charconv>
#include <system_error>

namespace plotbridge {
namespace {

constexpr std::string_view kBegin = R"({"stream":{"seq":)";
constexpr std::string_view kEnd = "}}";
constexpr std::string_view kVoidEnd = R"(,"void":true}})";

}  // namespace

std::optional<ControlLine> read_control_line(std::string_view line) {
  if (!line.starts_with(kBegin)) return std::nullopt;
  line.remove_prefix(kBegin.size());
  ControlLine read;
  const char* const begin = line.data();
  const auto [end, error] = std::from_chars(begin, begin + line.size(), read.seq);
  const auto digits = static_cast<std::size_t>(end - begin);
  if (error != std::errc() || read.seq > kOffsetsEnd || (line[0] == '0' && digits > 1)) {
    return std::nullopt;
  }
  line.remove_prefix(digits);
  read.voids = line == kVoidEnd;
  return read.voids || line == kEnd ? std::optional(read) : std::nullopt;
}

std::string to_text(const ControlLine& line) {
  std::string text(kBegin);
  text += std::to_string(line.seq);
  text += line.voids ? kVoidEnd : kEnd;
  return text;
}

}  // namespace plotbridge
