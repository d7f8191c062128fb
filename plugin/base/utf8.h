// UTF-8 by the letter of RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. What it
// leaves to others: any other encoding. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge {

/// U+FFFD, which stands for what could not be read.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// What some programs write in front of UTF-8.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The first character of a text, or as many bytes as one replacement stands for.
struct Utf8Unit {
  std::size_t size = 0;  // 1 to 4 bytes
  bool valid = false;
};

/// `text` is not empty. Of an invalid text the size is that of its maximal subpart (Unicode, 3.9),
/// so that two readers agree on the number of replacements.
Utf8Unit first_utf8_unit(std::string_view text);

/// As many whole characters from the front of `text` as `most` bytes hold.
std::string_view whole_characters(std::string_view text, std::size_t most);

bool is_valid_utf8(std::string_view text);

/// Appends `text` with every invalid maximal subpart replaced by U+FFFD.
void append_valid_utf8(std::string_view text, std::string& out);

/// Appends one code point; a surrogate or a number past U+10FFFF as U+FFFD.
void append_code_point(std::uint32_t code_point, std::string& out);

}  // namespace plotbridge
