// Appends JSON the way a line writes it: compact, valid UTF-8, only quotes, backslashes and
// controls escaped. What it leaves to others: the order and names of keys (line_encoder). Pure; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::encode {

/// Appends `text` as a JSON string with its quotes. Bad bytes become U+FFFD. False, and nothing
/// appended, when that takes more than `room` bytes; the work, too, is bounded by `room`.
bool append_json_string(std::string_view text, std::string& out, std::size_t room = SIZE_MAX);

/// Appends the JSON value `json` without white space, its strings escaped as above, its numbers
/// digit for digit. False, and nothing appended, when it is not JSON.
bool append_compact_json(std::string_view json, std::string& out);

enum class JsonAppend : std::uint8_t { kDone, kNotJson, kTooLong };
/// The same in at most `room` bytes, of memory too; nothing is appended unless it is kDone.
JsonAppend append_compact_json(std::string_view json, std::string& out, std::size_t room);

}  // namespace plotbridge::encode
