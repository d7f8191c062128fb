// How long a peer that sends wrong keys waits for its answers: the first few come at once, then one
// a second, each at most ten seconds late; what is beyond gets none. Only wrong keys wait, so that
// nobody can lock out who has the right one. Not responsible for: answering (key_refusals),
// comparing keys (accounts). Costs: a look at one peer; when the table is full, at each. No clock
// of its own; one thread at a time.
#pragma once

#include "plugin/base/leaky_bucket.h"
#include "plugin/base/time.h"
#include "plugin/http/peer_address.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

namespace plotbridge::http {

class WrongKeys {
 public:
  static constexpr int kAtOnce = 10;
  static constexpr Duration kInterval = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::seconds(10);
  static constexpr std::size_t kMaxPeers = 1024;

  /// When to answer a wrong key that came from `peer` now; nothing: not at all.
  std::optional<TimePoint> answer_at(const PeerAddress& peer, TimePoint now);

  /// Peers that are remembered.
  std::size_t size() const { return peers_.size(); }

 private:
  void make_room(TimePoint now);

  std::map<PeerAddress, LeakyBucket> peers_;
};

}  // namespace plotbridge::http
