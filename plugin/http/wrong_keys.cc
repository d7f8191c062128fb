#include "plugin/http/wrong_keys.h"

#include <algorithm>

namespace plotbridge::http {

std::optional<TimePoint> WrongKeys::answer_at(const PeerAddress& peer, TimePoint now) {
  auto known = peers_.find(peer);
  if (known == peers_.end()) {
    if (peers_.size() >= kMaxPeers) make_room(now);
    known = peers_.emplace(peer, LeakyBucket(kInterval, kAtOnce)).first;
  }
  return known->second.reserve_within(now, kLongest);
}

void WrongKeys::make_room(TimePoint now) {
  std::erase_if(peers_, [now](const auto& entry) { return entry.second.full_until() <= now; });
  if (peers_.size() < kMaxPeers) return;
  peers_.erase(std::ranges::min_element(
      peers_, {}, [](const auto& entry) { return entry.second.full_until(); }));
}

}  // namespace plotbridge::http
