#include "plugin/encode/json_writer.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"

#include <algorithm>
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

bool append_json_string(std::string_view text, std::string& out, std::size_t room) {
  constexpr std::size_t kQuotes = 2;
  constexpr std::size_t kLongestEscape = 6;
  // No byte becomes less than one.
  if (room < kQuotes || text.size() > room - kQuotes) return false;
  const bool fits_always = text.size() <= (room - kQuotes) / kLongestEscape;
  const std::size_t start = out.size();
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
    if (!fits_always && out.size() - start >= room) break;
  }
  out.push_back('"');
  if (fits_always || out.size() - start <= room) return true;
  out.resize(start);
  return false;
}

namespace {

/// The key or string that the scanner has just read; `unescaped` is scratch.
bool append_string(const JsonScanner& scanner, std::string& unescaped, std::string& out,
                   std::size_t room) {
  if (!scanner.escaped()) return append_json_string(scanner.raw(), out, room);
  constexpr std::size_t kLongestEscape = 6;
  if (scanner.raw().size() / kLongestEscape > room) return false;
  unescaped.clear();
  append_json_unescaped(scanner.raw(), unescaped);
  return append_json_string(unescaped, out, room);
}

}  // namespace

bool append_compact_json(std::string_view json, std::string& out) {
  return append_compact_json(json, out, SIZE_MAX) == JsonAppend::kDone;
}

JsonAppend append_compact_json(std::string_view json, std::string& out, std::size_t room) {
  const std::size_t start = out.size();
  const auto give_up = [&](JsonAppend why) {
    out.resize(start);
    return why;
  };
  JsonScanner scanner(json);
  std::string unescaped;
  bool comma = false;  // whether a key or value needs one before it
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kError) return give_up(JsonAppend::kNotJson);
    if (out.size() - start > room) return give_up(JsonAppend::kTooLong);
    if (token == JsonToken::kEnd) return JsonAppend::kDone;
    const bool closes = token == JsonToken::kObjectEnd || token == JsonToken::kArrayEnd;
    if (comma && !closes) out.push_back(',');
    if (token == JsonToken::kString || token == JsonToken::kKey) {
      if (!append_string(scanner, unescaped, out, room - std::min(room, out.size() - start))) {
        return give_up(JsonAppend::kTooLong);
      }
      if (token == JsonToken::kKey) out.push_back(':');
    } else {
      if (scanner.raw().size() > room) return give_up(JsonAppend::kTooLong);
      out.append(scanner.raw());
    }
    comma = token != JsonToken::kKey && token != JsonToken::kObjectBegin &&
            token != JsonToken::kArrayBegin;
  }
}

}  // namespace plotbridge::encode
