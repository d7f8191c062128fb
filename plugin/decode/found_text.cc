#include "plugin/decode/found_text.h"

namespace plotbridge::decode {
namespace {

constexpr std::size_t kShownBytes = 24;
constexpr std::string_view kHex = "0123456789abcdef";

}  // namespace

std::string found_text(std::string_view payload, std::size_t offset) {
  if (offset >= payload.size()) return "found the end";
  const std::string_view rest = payload.substr(offset);
  std::string text = "found \"";
  for (const char c : rest.substr(0, kShownBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 0xF]};
    }
  }
  text += rest.size() > kShownBytes ? "...\"" : "\"";
  return text;
}

}  // namespace plotbridge::decode
