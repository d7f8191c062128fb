#include "plugin/http/rest_request.h"

#include "plugin/endpoint/json_leaves.h"
#include "plugin/http/page_headers.h"

#include <utility>

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

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  std::string quoted;
  endpoint::append_json_string(value, quoted);
  return json(name, quoted);
}

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (out_.size() > 1) out_ += ',';
  endpoint::append_json_string(name, out_);
  out_ += ':';
  out_ += value;
  return *this;
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json; charset=utf-8";
  response.body = std::move(body);
  response.headers = page_headers("no-store");
  return response;
}

}  // namespace plotbridge::http
