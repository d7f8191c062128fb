// Whether a text is a part of another one, by where it lies; a slice of nothing lies anywhere.
#pragma once

#include <functional>
#include <string_view>

namespace plotbridge {

inline bool lies_within(std::string_view slice, std::string_view whole) {
  if (slice.empty()) return true;
  const std::less_equal<const char*> before;
  return before(whole.data(), slice.data()) &&
         before(slice.data() + slice.size(), whole.data() + whole.size());
}

}  // namespace plotbridge
