#include "plugin/config/broker_reader.h"

#include "plugin/config/secret.h"
#include "plugin/config/tls_reader.h"
#include "plugin/config/url_reader.h"

#include <array>

namespace plotbridge::config {
namespace {

constexpr std::array<std::string_view, 4> kBrokerSchemes{"mqtt", "mqtts", "ws", "wss"};
/// What fits the two and four bytes, in seconds, that MQTT has for them.
constexpr Duration kMaxKeepAlive = std::chrono::seconds(65535);
constexpr Duration kMaxSessionExpiry = std::chrono::seconds(4294967294);
/// The length of an MQTT packet ends at 256 MiB, and there is a topic before the payload.
// Paho holds a payload twice: with what is made of it 64 MiB are the most that a message may take.
constexpr std::size_t kMaxPayload = std::size_t{16} << 20;

bool is_encrypted(const std::optional<Url>& url) {
  return url && (url->scheme == "mqtts" || url->scheme == "wss");
}

std::string encrypted_scheme(const Url& url) { return url.scheme == "ws" ? "wss://" : "mqtts://"; }

/// Nothing: a bad URL, which is told.
std::optional<Url> read_broker_url(const MapReader& map, Broker& broker) {
  map.require("url", "which broker, for example mqtt://127.0.0.1:1883");
  auto url = read_url(map, "url", kBrokerSchemes, broker.url);
  if (!url) return url;
  if (url->scheme.starts_with("mqtt") && !url->path.empty()) {
    map.wrong("url", "an " + url->scheme + ":// URL has no path: only ws and wss do");
  }
  return url;
}

void check_plaintext(const MapReader& map, const Url& url) {
  bool allowed = false;
  map.boolean("allow_plaintext", allowed);
  if (allowed || !map.has("password") || is_loopback(url.host)) return;
  map.wrong("url", url.scheme +
                       ":// to another machine shows the password to everybody on the way: use " +
                       encrypted_scheme(url) + ", or say broker.allow_plaintext: true");
}

}  // namespace

Broker read_broker(const MapReader& map, const std::string& folder) {
  Broker broker;
  const auto url = read_broker_url(map, broker);
  const bool encrypted = is_encrypted(url);
  if (url && !encrypted) check_plaintext(map, *url);
  map.choice("mqtt_version", {{"5", 5}, {"3.1.1", 311}}, broker.mqtt_version);
  map.text("client_id", broker.client_id);
  map.text("username", broker.username);
  if (const Node* password = map.find("password")) {
    const auto secret = read_secret(*password, map.path_of("password"), folder, map.mistakes());
    if (secret) broker.password = *secret;
    if (broker.mqtt_version == 311 && !map.has("username")) {
      map.wrong("password", "MQTT 3.1.1 takes a password only with a `username`");
    }
  }
  map.duration("keep_alive", 1s, kMaxKeepAlive, broker.keep_alive);
  if (map.duration("session_expiry", 0s, kMaxSessionExpiry, broker.session_expiry) &&
      broker.session_expiry > 0s && !map.has("client_id")) {
    map.wrong("session_expiry",
              "a session can be kept only with a `client_id`: add one, or say 0s");
  }
  map.size("max_payload", 1, kMaxPayload, broker.max_payload);
  const auto tls = map.map("tls");
  if (tls) broker.tls = read_tls(*tls, folder, encrypted);
  if (tls && url && !encrypted) {
    map.wrong("tls", url->scheme + ":// takes no TLS: begin broker.url with " +
                         encrypted_scheme(*url) + " (its port is another), or leave `tls` out");
  }
  return broker;
}

}  // namespace plotbridge::config
