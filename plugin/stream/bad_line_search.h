// Finds the line that the endpoint refuses: of the lines that were in flight it has the older half
// sent on a connection of its own and the answer asked for, until one line is left. Not responsible
// for: the lines, the connections (app/stream_delivery). Pure; one thread at a time.
#pragma once

#include "plugin/base/range_set.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace plotbridge::stream {

class BadLineSearch {
 public:
  enum class Verdict {
    kGoOn,   // send `half` and ask again
    kFound,  // `culprit` is refused
    kOver,   // nothing, or nothing more, to be found
  };

  bool active() const { return !suspects_.empty(); }
  /// What to send next, before the answer is asked for.
  const RangeSet& half() const { return half_; }
  const RangeSet& suspects() const { return suspects_; }
  std::uint64_t culprit() const { return culprit_; }

  /// These lines were in flight when the endpoint refused one.
  Verdict begin(RangeSet in_flight) {
    suspects_ = std::move(in_flight);
    return next(suspects_.size() == 1);
  }
  /// Of the suspects only these are left: the others have arrived, or had to go meanwhile.
  void keep(RangeSet left) {
    if (left.size() == suspects_.size()) return;
    suspects_ = std::move(left);
    next(false);
  }
  /// The endpoint accepted all of `half`.
  Verdict accepted() {
    for (const OffsetRange& range : half_.ranges()) suspects_.remove(range);
    return next(false);
  }
  /// The endpoint accepted it and said nothing, which a proxy may have swallowed. True: often
  /// enough to count as accepted.
  bool unanswered() { return ++unanswered_ >= kMaxUnanswered; }
  /// The endpoint refused a line of `half`.
  Verdict refused() {
    suspects_ = std::move(half_);
    return next(suspects_.size() == 1);
  }

 private:
  static constexpr int kMaxUnanswered = 3;

  Verdict next(bool found) {
    unanswered_ = 0;
    half_ = {};
    if (found) culprit_ = suspects_.ranges().front().from;
    if (found || suspects_.empty()) {
      suspects_ = {};
      return found ? Verdict::kFound : Verdict::kOver;
    }
    std::uint64_t left = std::max<std::uint64_t>(1, suspects_.size() / 2);
    for (const OffsetRange& range : suspects_.ranges()) {
      const std::uint64_t lines = std::min(left, range.size());
      half_.add({range.from, range.from + lines});
      left -= lines;
    }
    return Verdict::kGoOn;
  }

  RangeSet suspects_;
  RangeSet half_;
  std::uint64_t culprit_ = 0;
  int unanswered_ = 0;  // times in turn
};

}  // namespace plotbridge::stream
