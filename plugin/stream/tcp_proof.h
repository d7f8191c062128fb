// What the peer's TCP has, of an endpoint that gives no other proof: connection positions of the
// chunks handed out, oldest first, against the bytes acknowledged. What is acknowledged is
// remembered a moment longer, because an endpoint that refuses a line says so after its TCP has it.
// Not responsible for: asking the kernel (transport). Pure; one thread at a time.
#pragma once

#include "plugin/stream/arrival_proof.h"

#include <chrono>
#include <deque>

namespace plotbridge::stream {

class TcpProof : public ArrivalProof {
 public:
  void sent(std::size_t wire_bytes, std::span<const OffsetRange> lines, TimePoint now) override {
    written_ += static_cast<std::int64_t>(wire_bytes);
    if (lines.empty()) return;
    if (first_line_at_ == kNever) first_line_at_ = now;
    for (const OffsetRange& range : lines) chunks_.push_back({written_, range, {}});
  }
  void tcp_has(std::int64_t bytes, TimePoint now, Ranges& arrived) override {
    while (acknowledged_ < chunks_.size() && chunks_[acknowledged_].end <= bytes) {
      chunks_[acknowledged_].acknowledged_at = now;
      acknowledged_lines_ += chunks_[acknowledged_].lines.size();
      ++acknowledged_;
    }
    // Then what waited goes out in a burst, too.
    const bool early = now - first_line_at_ < kRequestRefusedWithin;
    settle(now, early ? kKeptEarly : kKept, arrived);
  }
  bool wants_tcp() const override { return true; }
  void ended(const ConnectionEnd& end, Ranges& arrived) override {
    if (end.refused_line || end.refused_request) return;
    while (acknowledged_ > 0) take_front(arrived);
  }

  /// An endpoint, or a proxy before it, that does not want the request says so within this time,
  /// while its TCP takes whatever we send.
  static constexpr Duration kRequestRefusedWithin = std::chrono::seconds(1);

 private:
  // How much of what is acknowledged is kept for its refusal, beside the newest chunk.
  struct Kept {
    std::uint64_t lines;
    std::int64_t bytes;
  };
  static constexpr Kept kKept{256, 64 * 1024};
  // While the request itself may be refused, and what waited goes out in a burst.
  static constexpr Kept kKeptEarly{10'000, 4 * 1024 * 1024};
  static constexpr Duration kLineRefusedWithin = std::chrono::seconds(1);

  struct Chunk {
    std::int64_t end;  // connection position behind it
    OffsetRange lines;
    TimePoint acknowledged_at;
  };

  // Lets go of the lines that an endpoint would have refused by now.
  void settle(TimePoint now, const Kept& kept, Ranges& arrived) {
    while (acknowledged_ > 0) {
      const Chunk& front = chunks_.front();
      const bool recent = now - front.acknowledged_at < kLineRefusedWithin;
      // The newest chunk is kept whatever its size: an answer most likely means that one.
      const bool few = acknowledged_lines_ - front.lines.size() < kept.lines &&
                       chunks_[acknowledged_ - 1].end - front.end < kept.bytes;
      if (recent && few) break;
      take_front(arrived);
    }
  }
  void take_front(Ranges& arrived) {
    const OffsetRange lines = chunks_.front().lines;
    chunks_.pop_front();
    --acknowledged_;
    acknowledged_lines_ -= lines.size();
    append_range(arrived, lines);
  }

  std::deque<Chunk> chunks_;
  std::size_t acknowledged_ = 0;  // chunks at the front
  std::uint64_t acknowledged_lines_ = 0;
  std::int64_t written_ = 0;
  TimePoint first_line_at_ = kNever;
};

}  // namespace plotbridge::stream
