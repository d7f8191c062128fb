// A pattern for names: * stands for any run of characters, slashes too, ? for one. Pure; any
// thread.
#pragma once

#include <string_view>

namespace plotbridge::decode {

/// Bytes are compared, so that ? is one byte of a character.
bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace plotbridge::decode
