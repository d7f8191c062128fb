// Where a connection comes from, as far as limits are concerned: an IPv4 address, or the first 64
// bits of an IPv6 address, because a host has all the others of its network. A value; any thread.
#pragma once

#include "plugin/http/asio.h"

#include <array>
#include <compare>
#include <cstdint>
#include <string>

namespace plotbridge::http {

struct PeerAddress {
  static PeerAddress of(const asio::ip::address& address);
  /// Of who is at the other end.
  static PeerAddress of(const Tcp::socket& socket);

  std::array<std::uint8_t, 16> bytes{};
  /// This machine. A reverse proxy makes everybody come from there: no limit of connections.
  bool loopback = false;
  auto operator<=>(const PeerAddress&) const = default;
};

/// Address and port of who is at the other end.
std::string peer_name(const Tcp::socket& socket);

}  // namespace plotbridge::http
