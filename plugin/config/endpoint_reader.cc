#include "plugin/config/endpoint_reader.h"

#include "plugin/config/proxy_reader.h"
#include "plugin/config/secret.h"
#include "plugin/config/tls_reader.h"
#include "plugin/config/url_reader.h"

#include <array>
#include <optional>
#include <string>

namespace plotbridge::config {
namespace {

constexpr std::array<std::string_view, 2> kEndpointSchemes{"https", "http"};

// Whether what is said to `url` in plain words stays on this machine.
bool stays_here(const Url& url, const std::optional<std::string>& proxy_host) {
  return is_loopback(url.host) && (!proxy_host || is_loopback(*proxy_host));
}

void check_endpoint_url(const MapReader& map, const Url& url, bool allow_plaintext,
                        const std::optional<std::string>& proxy_host) {
  if (!url.path.empty()) {
    map.wrong("url", "lines are posted to / : leave out what follows the host and port");
  }
  if (url.scheme == "http" && !allow_plaintext && !stays_here(url, proxy_host)) {
    map.wrong("url",
              std::string(is_loopback(url.host) ? "http:// through a proxy on another machine"
                                                : "http:// to another machine") +
                  " shows the tokens to everybody on the way: use https://, or say "
                  "endpoint.allow_plaintext: true");
  }
}

void check_proxy(const MapReader& map, const Proxy& proxy, bool allow_plaintext,
                 const std::optional<std::string>& proxy_host) {
  if (proxy.password.empty() || allow_plaintext || !proxy_host || is_loopback(*proxy_host)) return;
  map.wrong("proxy",
            "http:// to another machine shows the proxy's password to everybody on the way: name a "
            "proxy that wants none, or say endpoint.allow_plaintext: true");
}

void read_checkpoint(const MapReader& map, Endpoint& endpoint) {
  constexpr Duration kLeast = 1s;
  Duration checkpoint = 0s;
  if (!map.duration("checkpoint", 0s, 24h, checkpoint)) return;
  if (checkpoint > 0s && checkpoint < kLeast) {
    map.wrong("checkpoint", "each one opens a connection: 1s at least, or 0s for none");
    return;
  }
  endpoint.checkpoint = checkpoint;
}

Rest read_rest(const MapReader& map, const std::string& folder, bool allow_plaintext,
               const std::optional<std::string>& proxy_host) {
  Rest rest;
  map.require("url", "the address of Chart Studio itself");
  map.require("username", "who makes the plots");
  map.require("key", "the API key of this user");
  const auto url = read_url(map, "url", kEndpointSchemes, rest.url);
  if (url && url->scheme == "http" && !allow_plaintext && !stays_here(*url, proxy_host)) {
    map.wrong("url",
              "http:// to another machine shows key and tokens to everybody on the way: use "
              "https://, or say endpoint.allow_plaintext: true");
  }
  map.text("username", rest.username);
  if (const Node* key = map.find("key")) {
    if (auto secret = read_secret(*key, map.path_of("key"), folder, map.mistakes())) {
      rest.key = *std::move(secret);
    }
  }
  return rest;
}

}  // namespace

Endpoint read_endpoint(const MapReader& map, const std::string& folder) {
  Endpoint endpoint;
  map.require("url", "where to; without the whole block it is the built-in endpoint");
  const auto proxy_host = read_proxy(map, "proxy", endpoint.proxy);
  const auto url = read_url(map, "url", kEndpointSchemes, endpoint.url);
  bool allow_plaintext = false;
  map.boolean("allow_plaintext", allow_plaintext);
  if (url) check_endpoint_url(map, *url, allow_plaintext, proxy_host);
  check_proxy(map, endpoint.proxy, allow_plaintext, proxy_host);
  if (const auto rest = map.map("rest")) {
    endpoint.rest = read_rest(*rest, folder, allow_plaintext, proxy_host);
  }
  const bool encrypted = (url && url->scheme == "https") ||
                         (endpoint.rest && endpoint.rest->url.starts_with("https:"));
  const auto tls = map.map("tls");
  if (tls) endpoint.tls = read_tls(*tls, folder, encrypted);
  if (tls && url && !encrypted) {
    map.wrong("tls", "http:// takes no TLS: begin endpoint.url with https://, or leave `tls` out");
  }
  const bool type_known = map.choice(
      "type",
      {{"chart_studio", EndpointType::kChartStudio}, {"plotbridge", EndpointType::kPlotbridge}},
      endpoint.type);
  // The rates of streams are then not held against a limit that may not be theirs.
  if (map.has("type") && !type_known) endpoint.type = EndpointType::kPlotbridge;
  // An endpoint ends a stream that was silent for 60 s; a heartbeat must come well before.
  map.duration("heartbeat", 1s, 55s, endpoint.heartbeat);
  map.choice("contest",
             {{"share", Contest::kShare}, {"yield", Contest::kYield}, {"insist", Contest::kInsist}},
             endpoint.contest);
  read_checkpoint(map, endpoint);
  return endpoint;
}

}  // namespace plotbridge::config
