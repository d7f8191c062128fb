// Two clients of one token that each take it back at once, without end: neither gets anything
// through, because each connection is evicted before its first line. Then the one that holds the
// token keeps it until the other has been quiet for a while. One of these per stream; pure; one
// thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <optional>

namespace plotbridge::endpoint {

class Contest {
 public:
  /// Who comes later than this after the last attempt is no longer taking the token *back*.
  static constexpr Duration kPeace = std::chrono::seconds(10);

  /// Somebody wants the token that another connection holds; whether the newcomer gets it.
  bool newcomer_wins(TimePoint now) {
    const bool at_peace = !last_attempt_ || now - *last_attempt_ >= kPeace;
    last_attempt_ = now;
    return at_peace;
  }
  /// The holder has gone by itself.
  void forget() { last_attempt_.reset(); }

 private:
  std::optional<TimePoint> last_attempt_;
};

}  // namespace plotbridge::endpoint
