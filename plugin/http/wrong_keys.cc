#include "plugin/http/wrong_keys.h"

#include "plugin/http/asio.h"

#include <algorithm>

namespace plotbridge::http {

TimePoint WrongKeys::answer_at(std::string_view peer, TimePoint now) {
  const std::string network = network_of(peer);
  auto known = busy_until_.find(network);
  if (known == busy_until_.end()) {
    if (busy_until_.size() >= kMaxPeers) make_room(now);
    known = busy_until_.emplace(network, now).first;
  }
  TimePoint& busy_until = known->second;
  busy_until = std::max(busy_until, now);
  const TimePoint at = std::max(now, busy_until - (kAtOnce - 1) * kInterval);
  // Past the longest wait nothing is added: who guesses for an hour is not kept waiting for days.
  if (at >= now + kLongest) return now + kLongest;
  busy_until += kInterval;
  return at;
}

void WrongKeys::make_room(TimePoint now) {
  std::erase_if(busy_until_, [now](const auto& entry) { return entry.second <= now; });
  if (busy_until_.size() < kMaxPeers) return;
  busy_until_.erase(std::min_element(
      busy_until_.begin(), busy_until_.end(),
      [](const auto& one, const auto& other) { return one.second < other.second; }));
}

std::string network_of(std::string_view peer) {
  const std::size_t colon = std::min(peer.rfind(':'), peer.size());
  std::string host(peer.substr(0, colon));
  if (!host.starts_with('[') || !host.ends_with(']')) return host;
  error_code error;
  const auto address = asio::ip::make_address_v6(host.substr(1, host.size() - 2), error);
  if (error) return host;
  if (address.is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address).to_string();
  }
  auto bytes = address.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace plotbridge::http
