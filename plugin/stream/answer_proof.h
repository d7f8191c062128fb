// The answer to the end of the body: of an endpoint that says nothing else, and wherever the answer
// alone counts. Pure; one thread at a time.
#pragma once

#include "plugin/stream/arrival_proof.h"

namespace plotbridge::stream {

class AnswerProof : public ArrivalProof {
 public:
  void sent(std::size_t, std::span<const OffsetRange> lines, TimePoint) override {
    for (const OffsetRange& range : lines) {
      lines_ += range.size();
      append_range(sent_, range);
    }
  }
  void ended(const ConnectionEnd& end, Ranges& arrived) override {
    if (end.answered && !end.refused_line)
      arrived.insert(arrived.end(), sent_.begin(), sent_.end());
  }
  /// So many lines wait for the answer.
  std::uint64_t lines() const { return lines_; }

 private:
  Ranges sent_;
  std::uint64_t lines_ = 0;
};

}  // namespace plotbridge::stream
