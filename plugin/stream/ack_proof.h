// The endpoint's own acknowledgements, which tell ranges of offsets: first what it has of earlier
// connections and runs, before which nothing is sent. Pure; one thread at a time.
#pragma once

#include "plugin/stream/arrival_proof.h"
#include "plugin/stream/wire_offset.h"

namespace plotbridge::stream {

class AckProof : public ArrivalProof {
 public:
  /// `announced`: the offset that the request gave for the first line.
  explicit AckProof(std::uint64_t announced) : offset_(announced) {}

  /// The endpoint has not said yet what it has.
  bool is_waiting() const { return is_waiting_; }
  /// It has these. True: that is the first it says. `begin`: all offsets before it are resolved.
  bool have(std::span<const OffsetRange> ranges, std::uint64_t begin) {
    if (!is_waiting_) return false;
    is_waiting_ = false;
    const bool from_start = !ranges.empty() && ranges.front().from == 0;
    const std::uint64_t gap = from_start ? ranges.front().to : 0;
    if (gap < begin) offset_.void_from(gap);
    return true;
  }
  WireOffset& offset() { return offset_; }

  void sent(std::size_t, std::span<const OffsetRange>, TimePoint) override {}
  void ended(const ConnectionEnd&, Ranges&) override {}

 private:
  WireOffset offset_;
  bool is_waiting_ = true;
};

}  // namespace plotbridge::stream
