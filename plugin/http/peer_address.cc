#include "plugin/http/peer_address.h"

#include <algorithm>

namespace plotbridge::http {

PeerAddress PeerAddress::of(const asio::ip::address& address) {
  PeerAddress peer;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return of(asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()));
  }
  if (address.is_v4()) {
    std::ranges::copy(address.to_v4().to_bytes(), peer.bytes.begin());
  } else {
    const auto six = address.to_v6().to_bytes();
    std::copy_n(six.begin(), 8, peer.bytes.begin());
    peer.bytes.back() = 6;  // no IPv4 address
  }
  peer.loopback = address.is_loopback();
  return peer;
}

PeerAddress PeerAddress::of(const Tcp::socket& socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  return error ? PeerAddress() : of(remote.address());
}

std::string peer_name(const Tcp::socket& socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return "?";
  const std::string address = remote.address().to_string(error);
  const bool v6 = remote.address().is_v6();
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(remote.port());
}

}  // namespace plotbridge::http
