#include "plugin/config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

namespace plotbridge::config {
namespace {

constexpr std::size_t kMaxUrl = 2000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
         c == '_';
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, is_host_character);
}

bool is_ipv6(std::string_view host) {
  return host.find(':') != std::string_view::npos && std::ranges::all_of(host, [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
                  c == '.';
         });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

struct HostPort {
  std::string host;
  std::optional<std::uint16_t> port;
};

/// HOST, HOST:PORT, [V6] or [V6]:PORT.
std::optional<HostPort> split(std::string_view text) {
  HostPort result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6(text.substr(1, close - 1))) return std::nullopt;
    result.host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (!is_host(text.substr(0, colon))) return std::nullopt;
    result.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (rest.empty()) return result;
  result.port = parse_port(rest.substr(1));
  if (rest.front() != ':' || !result.port) return std::nullopt;
  return result;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto bad = [](std::string_view what) {
    return fail(ErrorKind::kInvalid, std::string(what));
  };
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return bad("expected SCHEME://HOST[:PORT]");
  if (text.size() > kMaxUrl) return bad("a URL longer than 2000 characters");
  if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c == 0x7F; })) {
    return bad("a URL holds no spaces and only ASCII characters");
  }
  Url url;
  url.scheme = text.substr(0, colon);
  std::ranges::transform(url.scheme, url.scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string_view rest = text.substr(colon + 3);
  const std::size_t slash = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) {
    return bad("a user name or password does not belong in the URL");
  }
  auto host_port = split(authority);
  if (!host_port || host_port->port == 0) {
    return bad("expected a host and perhaps a port from 1 to 65535 behind ://");
  }
  url.host = std::move(host_port->host);
  url.port = host_port->port;
  url.path = rest.substr(slash);
  return url;
}

Result<Listen> parse_listen(std::string_view text) {
  auto host_port = split(text);
  if (!host_port || !host_port->port) {
    return fail(ErrorKind::kInvalid, "expected HOST:PORT such as 127.0.0.1:8088 or [::1]:8088");
  }
  return Listen{std::move(host_port->host), *host_port->port};
}

bool is_loopback(std::string_view host) {
  if (host == "::1") return true;
  if (host.size() == 9) {
    std::string lower(host);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return static_cast<char>(c | 0x20); });
    if (lower == "localhost") return true;
  }
  // 127.evil.example is a name, not an address.
  in_addr address{};
  return host.starts_with("127.") && inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

}  // namespace plotbridge::config
