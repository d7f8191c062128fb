// What a Session is told when it is made: where, as whom, what to subscribe to, and whom to call.
// Values.
#pragma once

#include "plugin/base/time.h"
#include "plugin/model/message.h"
#include "plugin/model/secret.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::mqtt {

/// One subscription to ask for.
struct Subscription {
  std::string filter;  // MQTT form, without captures
  int qos = 1;
  /// MQTT 5: the identifier the broker puts on each copy; 0: none.
  std::uint32_t id = 0;
};

/// What the broker publishes, QoS 1 and retained, when the connection breaks.
struct Will {
  std::string topic;
  std::string payload;
};

struct SessionOptions {
  std::string url;        // mqtt, mqtts, ws, wss
  int mqtt_version = 5;   // 5 or 311
  std::string client_id;  // empty: a random one, and a clean start
  std::string username;
  Secret password;
  Duration keep_alive = std::chrono::seconds(30);
  Duration session_expiry{0};  // 0: clean start
  Duration connect_timeout = std::chrono::seconds(10);
  std::size_t max_payload = std::size_t{1} << 20;
  std::string tls_ca, tls_certificate, tls_key;  // paths; empty: not given
  bool tls_verify = true;
  std::vector<Subscription> subscriptions;
  /// Asked for each connection anew; empty: no will.
  std::function<Will()> make_will;
};

enum class Down : std::uint8_t {
  kFailed,     // the network, or the broker for now
  kUnwelcome,  // until a person changes something
  kTakenOver,  // by another client with the same client id
};

struct SessionCallbacks {
  /// A message; must not throw, wait or take long: the PUBACK follows its return. `received_at` and
  /// `received_mono` are set by the session.
  std::function<void(const Message&)> on_message;
  /// Connected, and the broker had no session for us; before its first message.
  std::function<void()> on_new_session{};
  /// Connected and, where the broker had no session, subscribed again. `problems` has a sentence
  /// for each filter that the broker refused.
  std::function<void(bool session_present, std::vector<std::string> problems)> on_ready;
  /// A connection or an attempt ended; `why` is a sentence for a person.
  std::function<void(std::string why, Down how)> on_down;
  /// A message was dropped before `on_message`: larger than max_payload, with its properties.
  std::function<void(std::string_view topic, std::size_t size)> on_oversize;
};

}  // namespace plotbridge::mqtt
