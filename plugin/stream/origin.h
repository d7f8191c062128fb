// What the streams of one endpoint know of each other: who is up, who closed together, and when the
// next may dial. Leaves to others: each stream's own state (connection). Pure; one thread at a
// time.
#pragma once

#include "plugin/base/leaky_bucket.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <deque>

namespace plotbridge::stream {

/// How the other streams of the endpoint fared when one of them closed.
enum class Siblings {
  kMostClosed,  // most closed with it: the endpoint restarts
  kMostAgain,   // the same as shortly before, and the endpoint could be reached all along
  kStayUp,      // it was this one alone
  kNone,        // no other is up: they cannot tell
};

class Origin {
 public:
  explicit Origin(std::size_t streams);

  /// A stream's connection is through.
  void opened() { ++up_; }
  /// A connection that was through since `opened_at` is over; `like_a_restart`: in a way that a
  /// restart of the endpoint would also look.
  void closed(TimePoint opened_at, TimePoint now, bool like_a_restart);
  /// An attempt did not reach the endpoint.
  void unreachable() { unreachable_since_wave_ = true; }
  /// The endpoint says so when it evicts, so that its silence means something else.
  void says_when_it_evicts() { says_when_it_evicts_ = true; }
  bool evicts_silently() const { return !says_when_it_evicts_; }

  /// What is known of the others about a stream that closed at `closed_at`.
  Siblings siblings(TimePoint closed_at) const;

  /// When a stream that was open before may dial: now or later, so that a thousand of them do not
  /// fall upon an endpoint that has just come back. Each call takes a place.
  TimePoint next_dial(TimePoint now, double random);
  /// The delay before the first dial after a restart.
  Duration spread(double random) const;

 private:
  std::size_t streams_;
  std::size_t up_ = 0;
  bool says_when_it_evicts_ = false;
  LeakyBucket dials_;

  // A wave: most streams closed within moments.
  std::deque<TimePoint> recent_closes_;
  TimePoint wave_began_ = TimePoint::min();
  TimePoint wave_seen_ = TimePoint::min();
  bool wave_repeats_ = false;
  bool unreachable_since_wave_ = true;
};

}  // namespace plotbridge::stream
