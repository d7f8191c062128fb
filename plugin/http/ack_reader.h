// The acknowledgements in an answer's body, as the bytes come: `{"next": N}` a line, and at the end
// `{"next": N, "close": "done", "status": 200}`. Leaves to others: what follows from them. Pure;
// one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::http {

class AckReader {
 public:
  /// A line may be so long, its newline left out; ours have less than a hundred bytes.
  static constexpr std::size_t kMostLineBytes = 1024;

  /// False: that is no acknowledgement, and nothing more is read.
  bool read(std::string_view bytes);

  /// Of the newest line; nothing: there was none yet.
  std::optional<std::uint64_t> next() const { return next_; }
  /// Whether the last line has come, and what it says.
  bool ended() const { return status_ != 0; }
  int status() const { return status_; }
  const std::string& close() const { return close_; }

 private:
  bool read_line(std::string_view line);

  std::string partial_;
  std::optional<std::uint64_t> next_;
  int status_ = 0;
  std::string close_;
};

}  // namespace plotbridge::http
