// The small pieces of JSON that decoders write into values: quoted texts, base64. What they write
// passes the encoder, which sees to UTF-8. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::decode {

// Both are false, and append nothing, when they take more than `room` bytes.

/// Appends `text` with quotes around it; only quotes, backslashes and controls are escaped.
bool append_quoted(std::string_view text, std::string& out, std::size_t room = SIZE_MAX);

/// RFC 4648, with padding, without quotes.
bool append_base64(std::string_view bytes, std::string& out, std::size_t room = SIZE_MAX);

}  // namespace plotbridge::decode
