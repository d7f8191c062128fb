// Two clients of one token that each take it back at once, without end: neither gets anything
// through, because each connection is evicted before its first line. Then the one that holds the
// token keeps it, as long as it sends, until the other has been quiet for a while. One of these per
// stream; pure; one thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <optional>

namespace plotbridge::endpoint {

class Contest {
 public:
  /// Who comes sooner than this after an eviction takes the token *back*.
  static constexpr Duration kAtOnce = std::chrono::seconds(2);
  /// Who comes later than this after the last attempt does so no longer.
  static constexpr Duration kPeace = std::chrono::seconds(10);
  /// A holder that was silent for so long may be one that has lost its network.
  static constexpr Duration kSilence = std::chrono::seconds(5);

  /// Somebody wants the token that another connection holds, which was heard last at `heard`;
  /// whether the newcomer gets it.
  bool newcomer_wins(TimePoint now, TimePoint heard) {
    const bool goes_on = refused_at_ && now - *refused_at_ < kPeace;
    const bool takes_back = evicted_at_ && now - *evicted_at_ < kAtOnce;
    if ((goes_on || takes_back) && now - heard < kSilence) {
      refused_at_ = now;
      return false;
    }
    evicted_at_ = now;
    refused_at_.reset();
    return true;
  }
  /// The holder has gone by itself.
  void forget() { *this = Contest(); }

 private:
  std::optional<TimePoint> evicted_at_;
  std::optional<TimePoint> refused_at_;
};

}  // namespace plotbridge::endpoint
