#include "plugin/mqtt/broker_url.h"

#include <charconv>
#include <optional>

namespace plotbridge::mqtt {
namespace {

struct Scheme {
  std::string_view name;
  std::string_view paho;
  bool tls;
  bool websocket;
  std::uint16_t port;
};

constexpr Scheme kSchemes[] = {
    {"mqtt", "tcp", false, false, 1883},
    {"mqtts", "ssl", true, false, 8883},
    {"ws", "ws", false, true, 80},
    {"wss", "wss", true, true, 443},
};

tl::unexpected<Error> bad(std::string_view url, std::string_view what) {
  return fail(ErrorKind::kInvalid, "broker url '" + std::string(url) + "': " + std::string(what));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string BrokerUrl::address() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string BrokerUrl::paho() const {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.tls == tls && scheme.websocket == websocket) {
      return std::string(scheme.paho) + "://" + address() + path;
    }
  }
  return {};
}

Result<BrokerUrl> parse_broker_url(std::string_view url) {
  if (url.find('@') != std::string_view::npos) {
    // Not repeated in the message: it holds the password.
    return fail(ErrorKind::kInvalid,
                "broker url: a user name and a password do not belong into the url; give them as "
                "broker.username and broker.password");
  }
  const Scheme* scheme = nullptr;
  const std::size_t colon = url.find("://");
  for (const Scheme& known : kSchemes) {
    if (url.substr(0, colon) == known.name) scheme = &known;
  }
  if (colon == std::string_view::npos || !scheme) {
    return bad(url, "begin it with mqtt://, mqtts://, ws:// or wss://");
  }

  BrokerUrl result{scheme->tls, scheme->websocket, {}, scheme->port, {}};
  std::string_view authority = url.substr(colon + 3);
  if (const std::size_t slash = authority.find('/'); slash != std::string_view::npos) {
    result.path = authority.substr(slash);
    authority = authority.substr(0, slash);
  }
  if (!result.websocket) {
    if (result.path.size() > 1) return bad(url, "only ws and wss have a path");
    result.path.clear();
  } else if (result.path.empty()) {
    result.path = "/mqtt";
  } else if (result.path.find(':') != std::string::npos) {
    return bad(url, "a path with a colon is not supported");  // Paho takes it for the port's
  }

  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad(url, "the IPv6 address has no ]");
    result.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const std::size_t end = std::min(authority.find(':'), authority.size());
    result.host = authority.substr(0, end);
    port = authority.substr(end);
  }
  if (result.host.empty()) return bad(url, "the host is missing");
  if (!port.empty()) {
    const auto number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
    if (!number) return bad(url, "the port must be a number from 1 to 65535");
    result.port = *number;
  }
  return result;
}

}  // namespace plotbridge::mqtt
