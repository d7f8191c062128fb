// Which lines the other side's TCP has: wire positions of the chunks handed out, oldest first,
// against the bytes acknowledged. What is acknowledged is remembered a moment longer, because an
// endpoint that refuses a line says so after its TCP has taken it. Leaves to others: asking the
// kernel (transport), keeping the lines (queue). One thread.
#pragma once

#include "plugin/base/time.h"

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
    sent_lines_ = true;
    chunks_.push_back({written_, lines, {}});
    lines_ += lines;
  }

  void acknowledged(std::int64_t bytes, TimePoint now) {
    while (acknowledged_ < chunks_.size() && chunks_[acknowledged_].end <= bytes) {
      chunks_[acknowledged_].acknowledged_at = now;
      acknowledged_lines_ += chunks_[acknowledged_].lines;
      ++acknowledged_;
    }
  }

  /// The lines that are known here.
  std::size_t lines() const { return lines_; }
  /// Whether a line was sent at all, forgotten or not.
  bool sent_lines() const { return sent_lines_; }

  /// How much of what is acknowledged is kept for its refusal, beside the newest chunk.
  struct Kept {
    std::size_t lines;
    std::int64_t bytes;
  };
  static constexpr Kept kKept{256, 64 * 1024};
  /// While the request itself may be refused, and what waited goes out in a burst.
  static constexpr Kept kKeptEarly{10'000, 4 * 1024 * 1024};

  /// Forgets the lines that an endpoint would have refused by now; the number of them.
  std::size_t take_settled(TimePoint now, const Kept& kept = kKept) {
    std::size_t lines = 0;
    while (acknowledged_ > 0) {
      const Chunk& front = chunks_.front();
      const bool recent = now - front.acknowledged_at < kRefusedWithin;
      // The newest chunk is kept whatever its size: an answer most likely means that one.
      const bool few = acknowledged_lines_ - front.lines < kept.lines &&
                       chunks_[acknowledged_ - 1].end - front.end < kept.bytes;
      if (recent && few) break;
      lines += take_front();
    }
    return lines;
  }
  /// Forgets all lines that are acknowledged; the number of them.
  std::size_t take_acknowledged() {
    std::size_t lines = 0;
    while (acknowledged_ > 0) lines += take_front();
    return lines;
  }

  /// Forgets every line; the number of them.
  std::size_t take_all() {
    const std::size_t lines = lines_;
    clear();
    return lines;
  }

  void clear() { *this = InFlight(); }

 private:
  static constexpr Duration kRefusedWithin = std::chrono::seconds(1);

  struct Chunk {
    std::int64_t end;  // wire position behind it
    std::size_t lines;
    TimePoint acknowledged_at;
  };
  std::size_t take_front() {
    const std::size_t lines = chunks_.front().lines;
    chunks_.pop_front();
    --acknowledged_;
    acknowledged_lines_ -= lines;
    lines_ -= lines;
    return lines;
  }

  std::deque<Chunk> chunks_;
  std::size_t acknowledged_ = 0;  // chunks at the front
  std::size_t acknowledged_lines_ = 0;
  std::size_t lines_ = 0;
  std::int64_t written_ = 0;
  bool sent_lines_ = false;
};

}  // namespace plotbridge::stream
