// One line on its way from the encoder to its stream's queue: a JSON object with its newline, and
// where the value of its top-level key `y` stands in it. It borrows the bytes; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace plotbridge {

/// What a line may measure, its newline included.
inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
/// What all lines of one message may measure together.
inline constexpr std::size_t kMaxMessageLineBytes = std::size_t{16} << 20;

struct Line {
  std::string_view bytes;  // with the newline
  std::size_t y_offset = 0;
  std::size_t y_size = 0;  // 0: the line has no `y`

  /// The JSON text of `y`; empty when there is none.
  std::string_view y() const { return bytes.substr(y_offset, y_size); }
};

}  // namespace plotbridge
