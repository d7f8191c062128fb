// What a decoder found instead of what it expected, for an error text: a few bytes of the payload,
// made safe for logs and terminals. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plotbridge::decode {

/// `found "abc"`, with bytes outside printable ASCII as \xNN; `found the end` when nothing is left.
std::string found_text(std::string_view payload, std::size_t offset);

}  // namespace plotbridge::decode
