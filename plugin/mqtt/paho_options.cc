#include "plugin/mqtt/paho_options.h"

#include "plugin/base/tls_policy.h"
#include "plugin/mqtt/dial_probe.h"
#include "plugin/mqtt/reason_text.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>

namespace plotbridge::mqtt {
namespace {

namespace paho = ::mqtt;

// Room for what stands beside the payload in a PUBLISH: a topic is at most 64 KiB, and so much
// again for properties.
constexpr std::size_t kPacketOverhead = std::size_t{128} << 10;
// What MQTT's variable length can say.
constexpr std::size_t kLargestPacket = 268'435'455;
constexpr Duration kProbeLimit = std::chrono::seconds(2);

int whole_seconds(Duration duration, std::int64_t most) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(seconds, 0, most));
}

int paho_version(const SessionOptions& options) {
  return options.mqtt_version == 5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
}

paho::ssl_options tls_options(const SessionOptions& options) {
  paho::ssl_options tls;
  // With it, Paho trusts none of the system's authorities.
  if (!options.tls_ca.empty()) tls.set_trust_store(options.tls_ca);
  if (!options.tls_certificate.empty()) tls.set_key_store(options.tls_certificate);
  if (!options.tls_key.empty()) tls.set_private_key(options.tls_key);
  // Any text does: without one, OpenSSL would ask for the password of an encrypted key at the
  // terminal.
  tls.set_private_key_password("none");
  // Paho ignores its own version option on this OpenSSL; without a cipher of older versions there
  // is no older version.
  tls.set_enabled_cipher_suites(kClientCiphers);
  tls.set_enable_server_cert_auth(options.tls_verify);
  tls.set_verify(options.tls_verify);
  return tls;
}

paho::properties session_properties(const SessionOptions& options, bool persistent) {
  paho::properties properties;
  if (persistent) {
    properties.add({paho::property::SESSION_EXPIRY_INTERVAL,
                    whole_seconds(options.session_expiry, std::numeric_limits<int>::max())});
  }
  if (options.max_payload < kLargestPacket - kPacketOverhead) {
    properties.add({paho::property::MAXIMUM_PACKET_SIZE,
                    static_cast<std::int32_t>(options.max_payload + kPacketOverhead)});
  }
  return properties;
}

}  // namespace

std::string random_client_id() {
  std::random_device random;
  char text[32];
  std::snprintf(text, sizeof text, "plotbridge-%08x%08x", random(), random());
  return text;
}

std::unique_ptr<paho::async_client> make_client(const BrokerUrl& url,
                                                const SessionOptions& options) {
  paho::create_options creation(paho_version(options));
  // Paho refuses to publish when so many wait to be written; its own limit of 100 is a burst.
  creation.set_max_buffered_messages(10'000);
  return std::make_unique<paho::async_client>(url.paho(), options.client_id, creation);
}

void fill_connect_options(const BrokerUrl& url, const SessionOptions& options, bool persistent,
                          paho::connect_options& connect) {
  // Said outright: Paho's default falls back to MQTT 3.1, and dials again by itself to do so.
  connect.set_mqtt_version(paho_version(options));
  if (options.mqtt_version == 5) {
    connect.set_clean_start(!persistent);
    connect.set_properties(session_properties(options, persistent));
  } else {
    connect.set_clean_session(!persistent);
  }
  connect.set_automatic_reconnect(false);
  connect.set_keep_alive_interval(whole_seconds(options.keep_alive, 65'535));
  connect.set_connect_timeout(whole_seconds(options.connect_timeout, 3'600));
  if (!options.username.empty()) connect.set_user_name(options.username);
  if (!options.password.empty()) connect.set_password(options.password.reveal());
  if (url.tls) connect.set_ssl(tls_options(options));
}

std::string connect_failure(const paho::exception& failure, const BrokerUrl& url,
                            const SessionOptions& options) {
  // Paho's own codes are negative, a broker's are not.
  if (failure.get_return_code() > 0) {
    return connack_text(options.mqtt_version, failure.get_return_code(), options.client_id);
  }
  if (failure.get_message() == "TCP connect timeout") {
    return "the broker at " + url.address() + " did not answer within " +
           std::to_string(whole_seconds(options.connect_timeout, 3'600)) + " s";
  }
  return explain_unreachable(url, options, kProbeLimit);
}

}  // namespace plotbridge::mqtt
