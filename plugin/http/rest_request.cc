#include "plugin/http/rest_request.h"

#include <string_view>

namespace plotbridge::http {
namespace {

// Of `host:port` the host; an IPv6 address keeps its brackets.
std::string_view host_of(std::string_view authority) {
  const auto end = authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':');
  return authority.substr(0, end);
}

}  // namespace

std::string RestRequest::base_url() const {
  const std::string host = head.hosts.empty() ? "localhost" : head.hosts.front();
  return (encrypted ? "https://" : "http://") + host;
}

std::string RestRequest::stream_host() const {
  if (!encrypted) return base_url();
  const std::string host = head.hosts.empty() ? "localhost" : head.hosts.front();
  return "http://" + std::string(host_of(host)) + ':' + std::to_string(plain_port);
}

}  // namespace plotbridge::http
