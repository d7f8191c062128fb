// Walks JSON text without building values: the leaves of an object under their dotted paths, the
// elements of an array, both as the slices that stood in the text, so that numbers keep their
// digits. Cost: each byte of the text is scanned once, for `for_each_leaf` plus at most
// kMaxPathBytes for each leaf; no memory beyond one path. Not responsible for: UTF-8, and what the
// paths mean. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

enum class LeafKind : std::uint8_t {
  kScalar,          // number, string, true, false, null
  kArray,           // of anything else
  kArrayOfObjects,  // whose first element is an object
};

/// A longer path names nothing that Plotly knows.
inline constexpr std::size_t kMaxPathBytes = 256;

/// `path` is valid during the call, `json` as long as the text.
using TakeLeaf = std::function<void(std::string_view path, std::string_view json, LeafKind kind)>;

/// Gives every leaf of `object` in order; false when the text is not exactly one JSON object, which
/// may show after some leaves were given. A key that needs an escape names nothing that Plotly
/// knows: it is left out with all below it; and so is a leaf that lies, or reaches, too deep to be
/// written within other JSON and read again, or has a path that is too long. `path_too_long`, when
/// given, becomes true for the last of these.
bool for_each_leaf(std::string_view object, const TakeLeaf& take, bool* path_too_long = nullptr);

/// Gives every element of `array`, which is valid JSON.
void for_each_element(std::string_view array,
                      const std::function<void(std::string_view json)>& take);

/// Gives every member of `object`, its key as it stands between the quotes; false when the text is
/// not exactly one JSON object, which may show after some were given.
bool for_each_member(std::string_view object,
                     const std::function<void(std::string_view key, std::string_view json)>& take);

/// Whether the whole of `text` is one JSON value, or one array.
bool is_json(std::string_view text);
bool is_json_array(std::string_view text);

/// The text that a JSON string stands for; of any other value its JSON.
std::string text_of_json(std::string_view json);

/// The length of the JSON value that `text` begins with; something valid follows it or nothing.
std::size_t value_length(std::string_view text);

/// Appends `text` as a JSON string, quotes included. `text` is UTF-8.
void append_json_string(std::string_view text, std::string& out);

}  // namespace plotbridge::endpoint
