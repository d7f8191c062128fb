// The paths of what a JSON document holds, for a person who asked for one that it has not. Pure;
// any thread.
#pragma once

#include <string>
#include <string_view>

namespace plotbridge::decode {

/// "a, b.c, d[0].e": the paths of its scalars in order, as a route writes them; of many the first.
/// Empty when it has none or is not JSON.
std::string json_paths(std::string_view document);

}  // namespace plotbridge::decode
