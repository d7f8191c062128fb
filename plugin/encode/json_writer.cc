#include "plugin/encode/json_writer.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace plotbridge::encode {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

constexpr std::uint64_t repeat(unsigned char byte) { return 0x0101010101010101U * byte; }

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// Whether eight bytes are all plain.
bool all_plain(std::uint64_t word) {
  // Where a byte is below n, taking away n borrows into its high bit.
  const std::uint64_t borrowed = (word - repeat(0x20)) | ((word ^ repeat('"')) - repeat(1)) |
                                 ((word ^ repeat('\\')) - repeat(1));
  return ((word | borrowed) & repeat(0x80)) == 0;
}

/// Where the plain bytes that start at `at` end.
std::size_t plain_end(std::string_view text, std::size_t at) {
  while (text.size() - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (!all_plain(word)) break;
    at += 8;
  }
  while (at != text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_escape(char c, std::string& out) {
  switch (c) {
    case '"':
      out.append("\\\"");
      break;
    case '\\':
      out.append("\\\\");
      break;
    case '\b':
      out.append("\\b");
      break;
    case '\f':
      out.append("\\f");
      break;
    case '\n':
      out.append("\\n");
      break;
    case '\r':
      out.append("\\r");
      break;
    case '\t':
      out.append("\\t");
      break;
    default:
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 0xF]);
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (std::size_t at = 0;;) {
    const std::size_t plain = plain_end(text, at);
    out.append(text.substr(at, plain - at));
    if (plain == text.size()) break;
    const Utf8Unit unit = first_utf8_unit(text.substr(plain));
    if (!unit.valid) {
      out.append(kReplacementCharacter);
    } else if (unit.size == 1) {
      append_escape(text[plain], out);
    } else {
      out.append(text.substr(plain, unit.size));
    }
    at = plain + unit.size;
  }
  out.push_back('"');
}

bool append_compact_json(std::string_view json, std::string& out) {
  const std::size_t start = out.size();
  JsonScanner scanner(json);
  std::string unescaped;
  bool comma = false;  // whether a key or value needs one before it
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return true;
    if (token == JsonToken::kError) {
      out.resize(start);
      return false;
    }
    const bool closes = token == JsonToken::kObjectEnd || token == JsonToken::kArrayEnd;
    if (comma && !closes) out.push_back(',');
    if (token == JsonToken::kString || token == JsonToken::kKey) {
      std::string_view text = scanner.raw();
      if (scanner.escaped()) {
        unescaped.clear();
        append_json_unescaped(text, unescaped);
        text = unescaped;
      }
      append_json_string(text, out);
      if (token == JsonToken::kKey) out.push_back(':');
    } else {
      out.append(scanner.raw());
    }
    comma = token != JsonToken::kKey && token != JsonToken::kObjectBegin &&
            token != JsonToken::kArrayBegin;
  }
}

}  // namespace plotbridge::encode
