// Which lines the other side's TCP has: wire positions of the chunks handed out, oldest first,
// against the bytes acknowledged. Leaves to others: asking the kernel (transport), keeping the
// lines (queue). One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace plotbridge::stream {

class InFlight {
 public:
  /// A chunk of `wire_bytes` went out; with it `lines` lines are whole on the wire.
  void sent(std::size_t wire_bytes, std::size_t lines) {
    written_ += static_cast<std::int64_t>(wire_bytes);
    if (lines == 0) return;
    chunks_.push_back({written_, lines});
  }

  /// The number of lines that are acknowledged now and were not before.
  std::size_t acknowledged(std::int64_t bytes) {
    std::size_t lines = 0;
    while (!chunks_.empty() && chunks_.front().end <= bytes) {
      lines += chunks_.front().lines;
      chunks_.pop_front();
    }
    return lines;
  }

  bool empty() const { return chunks_.empty(); }
  void clear() {
    chunks_.clear();
    written_ = 0;
  }

 private:
  struct Chunk {
    std::int64_t end;  // wire position behind it
    std::size_t lines;
  };
  std::deque<Chunk> chunks_;
  std::int64_t written_ = 0;
};

}  // namespace plotbridge::stream
