// How long a peer that sends wrong keys waits for its answers: the first few come at once, then one
// a second, each at most ten seconds late. Only wrong keys wait, so that nobody can lock out who
// has the right one. Not responsible for: answering (key_refusals), comparing keys (accounts).
// Costs: a look at one peer; when the table is full, at each. No clock of its own; one thread at a
// time.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plotbridge::http {

class WrongKeys {
 public:
  static constexpr int kAtOnce = 10;
  static constexpr Duration kInterval = std::chrono::seconds(1);
  static constexpr Duration kLongest = std::chrono::seconds(10);
  static constexpr std::size_t kMaxPeers = 1024;

  /// When to answer a wrong key that came from `peer` (ADDRESS:PORT) now.
  TimePoint answer_at(std::string_view peer, TimePoint now);

  /// Peers that are remembered.
  std::size_t size() const { return busy_until_.size(); }

 private:
  void make_room(TimePoint now);

  std::unordered_map<std::string, TimePoint> busy_until_;
};

/// Of ADDRESS:PORT what all of one host share: an IPv4 address, or the first 64 bits of an IPv6
/// address, of which a host has all the others.
std::string network_of(std::string_view peer);

}  // namespace plotbridge::http
