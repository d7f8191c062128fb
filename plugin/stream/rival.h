// Another client of the same token: when it counts as confirmed, and how long to leave the token to
// it before it is taken back. Leaves to others: what an ending looks like (close_reason), keeping
// the time (connection). Pure; one thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace plotbridge::stream {

/// What to do about a rival (endpoint.contest).
enum class Contest : std::uint8_t {
  kShare,   // take the token back after holds that grow to an hour
  kYield,   // leave it to the rival until a person decides
  kInsist,  // take it back after a minute, within a budget
};

class Rival {
 public:
  explicit Rival(Contest contest);

  /// Whether one more suspect would confirm a rival. `lasted`: how long the connection was up.
  bool would_confirm(TimePoint now, Duration lasted) const;
  /// A connection ended as an eviction would look. True when that confirms the rival.
  bool suspect(TimePoint now, Duration lasted);
  /// Confirmed: how long to stand by; nothing: for ever.
  std::optional<Duration> hold(TimePoint now, double random);
  /// A connection was up for so long: holds of long ago are forgotten.
  void lasted(Duration lasted);

 private:
  Duration insist(TimePoint now, double random);

  static constexpr std::size_t kSuspectsKept = 2;  // one more than these confirms
  Contest contest_;
  int level_ = 0;                                  // holds so far that are not forgotten
  std::array<TimePoint, kSuspectsKept> suspects_;  // the newest first
  std::vector<TimePoint> insisted_;                // of the last hour, the oldest first
};

}  // namespace plotbridge::stream
