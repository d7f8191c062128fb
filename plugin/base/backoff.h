// Exponential delay between attempts, with jitter. Leaves to others: waiting, and where randomness
// comes from (a number in [0, 1) is an argument). One thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <algorithm>

namespace plotbridge {

class Backoff {
 public:
  struct Policy {
    Duration initial;  // ceiling of the first delay
    Duration maximum;  // ceiling of every later one
    int growth = 2;    // the ceiling's factor from one to the next
  };

  explicit Backoff(Policy policy) : policy_(policy) {}

  /// The next delay, between half its ceiling and the ceiling; the ceiling grows with each call.
  Duration next(double random) {
    Duration ceiling = policy_.initial;
    for (int i = 0; i < attempts_ && ceiling < policy_.maximum; ++i) ceiling *= policy_.growth;
    ceiling = std::min(ceiling, policy_.maximum);
    ++attempts_;
    const auto half = static_cast<double>(ceiling.count()) / 2;
    return Duration(static_cast<Duration::rep>(half + half * random));
  }

  /// Forgets the failures.
  void reset() { attempts_ = 0; }

 private:
  Policy policy_;
  int attempts_ = 0;
};

}  // namespace plotbridge
