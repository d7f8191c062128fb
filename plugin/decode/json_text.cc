#include "plugin/decode/json_text.h"

#include <cstddef>
#include <cstdint>

namespace plotbridge::decode {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

bool append_quoted(std::string_view text, std::string& out, std::size_t room) {
  constexpr std::size_t kQuotes = 2;
  constexpr std::size_t kLongestEscape = 6;
  if (room < kQuotes || text.size() > room - kQuotes) return false;
  const bool fits_always = text.size() <= (room - kQuotes) / kLongestEscape;
  const std::size_t start = out.size();
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20) {
      out += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 0xF]};
    } else {
      out += c;
    }
    if (!fits_always && out.size() - start >= room) {
      out.resize(start);
      return false;
    }
  }
  out += '"';
  return true;
}

bool append_base64(std::string_view bytes, std::string& out, std::size_t room) {
  if (bytes.size() / 3 * 4 + (bytes.size() % 3 != 0 ? 4 : 0) > room) return false;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += i + j > bytes.size() ? '=' : kBase64[group >> (18 - 6 * j) & 63];
    }
  }
  return true;
}

}  // namespace plotbridge::decode
