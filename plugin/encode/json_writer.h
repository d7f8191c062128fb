// Appends JSON the way a line writes it: compact, valid UTF-8, only quotes, backslashes and
// controls escaped. What it leaves to others: the order and names of keys (line_encoder). Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace plotbridge::encode {

/// Appends `text` as a JSON string with its quotes. Bad bytes become U+FFFD.
void append_json_string(std::string_view text, std::string& out);

/// Appends the JSON value `json` without white space, its strings escaped as above, its numbers
/// digit for digit. False, and nothing appended, when it is not JSON.
bool append_compact_json(std::string_view json, std::string& out);

}  // namespace plotbridge::encode
