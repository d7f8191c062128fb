// Cuts a body into lines at `\n`, and at nothing else: how the bytes came means nothing. Blank
// lines keep a stream alive and are skipped here. Leaves to others: what a line says. One thread at
// a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

class LineFramer {
 public:
  /// Moves `bytes` on past the next line that is not blank and sets `line` to it, without its
  /// newline; false when there is none in `bytes`, which is empty then. `line` is valid until the
  /// next call.
  bool next(std::string_view& bytes, std::string_view& line);

  /// At the end of the body: the last line, when it had no newline. False when there is none.
  bool last(std::string_view& line);

  /// What is held for a line that did not come in one slice.
  std::size_t held_bytes() const { return partial_.size(); }
  /// The memory that this takes.
  std::size_t reserved_bytes() const { return partial_.capacity(); }

  /// Whether protocol::kMaxLineBytes passed without a newline; nothing more is framed then.
  bool too_long() const { return too_long_; }

 private:
  std::string partial_;
  bool partial_is_used_ = false;  // it was handed out as a line
  bool too_long_ = false;
};

}  // namespace plotbridge::endpoint
