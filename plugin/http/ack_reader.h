// The acknowledgements in an answer's body, as the bytes come: `{"have": [[0,5],[7,9]]}` a line,
// half-open ranges of offsets, and at the end `{"have": [], "close": "done", "status": 200}`.
// Leaves to others: what follows from them. Pure; one thread at a time.
#pragma once

#include "plugin/base/range_set.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plotbridge::http {

class AckReader {
 public:
  /// A line may be so long, its newline left out; ours have less than 90 KiB.
  static constexpr std::size_t kMostLineBytes = std::size_t{128} * 1024;

  /// The ranges of one line, ascending and apart; valid during the call.
  using OnHave = std::function<void(std::span<const OffsetRange> ranges)>;

  /// Calls `on_have` for each line once it is whole, in order; of the last one, too, of which the
  /// rest can be asked by then. False: that is no acknowledgement, and nothing more is read.
  bool read(std::string_view bytes, const OnHave& on_have);

  /// Whether the last line has come, and what it says.
  bool ended() const { return status_ != 0; }
  int status() const { return status_; }
  const std::string& close() const { return close_; }
  /// The offset of the line that was refused, where the last line names one.
  std::optional<std::uint64_t> bad_line() const { return bad_line_; }

 private:
  struct Line;
  bool read_line(std::string_view text, const OnHave& on_have);

  std::string partial_;
  int status_ = 0;
  std::string close_;
  std::optional<std::uint64_t> bad_line_;
};

}  // namespace plotbridge::http
