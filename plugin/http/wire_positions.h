// Where on a TCP connection the chunks of a body end, so that what the peer's TCP acknowledged can
// be told in bytes of chunks, under TLS as without. Leaves to others: the chunks (curl_transport).
// Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plotbridge::http {

/// Bytes that the peer's TCP has acknowledged on `socket`, the SYN included; -1: not known. Also
/// right after a reset.
std::int64_t bytes_acknowledged(int socket);
/// The same count for everything that was written to `socket` so far, sent or not; -1: not known.
std::int64_t bytes_written(int socket);

class WirePositions {
 public:
  /// Chunks follow behind `position`. `as_they_are`: each of their bytes is one on the wire; else
  /// they are in TLS records, of which `written` has to be told.
  void start(std::int64_t position, bool as_they_are);
  /// A chunk was handed out, framing included.
  void handed_out(std::size_t bytes) { handed_out_ += static_cast<std::int64_t>(bytes); }
  /// Whether `written` has something to learn.
  bool wants_position() const { return !as_they_are_ && handed_out_ > last_marked(); }
  /// All that was handed out before is on the wire, ending at `position` or before.
  void written(std::int64_t position);
  /// How many bytes of chunks the first `acknowledged` bytes of the wire hold; never too many.
  std::int64_t chunk_bytes(std::int64_t acknowledged);
  /// Kept at present.
  std::size_t marks() const { return marks_.size(); }

 private:
  struct Mark {
    std::int64_t chunks;    // bytes of chunks
    std::int64_t position;  // on the wire, behind them
  };
  std::int64_t last_marked() const { return marks_.empty() ? settled_ : marks_.back().chunks; }

  bool as_they_are_ = true;
  std::int64_t start_ = 0;
  std::int64_t handed_out_ = 0;
  std::int64_t settled_ = 0;  // acknowledged and no longer in `marks_`
  std::size_t first_ = 0;     // of `marks_` that is not settled
  std::vector<Mark> marks_;
};

}  // namespace plotbridge::http
