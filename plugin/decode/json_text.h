// The small pieces of JSON that decoders write into values: quoted texts, base64. What they write
// passes the encoder, which sees to UTF-8. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace plotbridge::decode {

/// Appends `text` with quotes around it; only quotes, backslashes and controls are escaped.
void append_quoted(std::string_view text, std::string& out);

/// RFC 4648, with padding, without quotes.
void append_base64(std::string_view bytes, std::string& out);

}  // namespace plotbridge::decode
