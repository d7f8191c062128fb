#include "plugin/http/host_guard.h"

#include "plugin/http/asio.h"

#include <algorithm>
#include <cctype>

namespace plotbridge::http {
namespace {

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The host of `host[:port]`, an IPv6 address without its brackets.
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

}  // namespace

bool HostGuard::allows_host(const RequestHead& head) const {
  if (!loopback_) return true;
  return std::all_of(head.hosts.begin(), head.hosts.end(),
                     [this](const std::string& host) { return is_own(host); });
}

bool HostGuard::allows_origin(const RequestHead& head) const {
  // An image or a frame of a foreign page sends no Origin.
  const bool foreign =
      !head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none";
  if (foreign) return false;
  if (!head.origin) return true;
  const std::string_view origin(*head.origin);
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos || head.hosts.empty()) return false;
  return equal_but_for_case(origin.substr(scheme + 3), head.hosts.front()) && allows_host(head);
}

bool HostGuard::is_own(std::string_view host) const {
  const std::string name(without_port(host));
  if (equal_but_for_case(name, "localhost") || equal_but_for_case(name, listen_host_)) return true;
  error_code error;
  const auto address = asio::ip::make_address(name, error);
  return !error && address.is_loopback();
}

}  // namespace plotbridge::http
