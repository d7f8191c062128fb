// The error of a payload that holds more points than `decode.max_points`. Pure; any thread.
#pragma once

#include "plugin/decode/decoder.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace plotbridge::decode {

/// `things`: "rows", "elements", "messages", "metrics"; `offset` is where the first of them stands
/// that is too many.
inline DecodeError too_many_points(std::string_view things, std::size_t most, std::size_t offset) {
  return {"too_many_points",
          "expected at most " + std::to_string(most) + " " + std::string(things) +
              " in a payload (decode.max_points), found more: none becomes a line; raise "
              "decode.max_points, or publish less at once",
          offset};
}

}  // namespace plotbridge::decode
