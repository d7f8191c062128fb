#include "plugin/mqtt/reason_text.h"

#include <cstdio>
#include <span>

namespace plotbridge::mqtt {
namespace {

struct Reason {
  int code;
  std::string_view text;  // `%` stands for the client id or the filter
};

constexpr Reason kConnack3[] = {
    {1, "it does not speak MQTT 3.1.1; try broker.mqtt_version: 5"},
    {2, "it does not accept the client id '%'; change broker.client_id"},
    {3, "it is not available at the moment"},
    {4, "the user name or the password is wrong; check broker.username and broker.password"},
    {5,
     "not authorized; check broker.username and broker.password, and what the broker allows the "
     "client id '%'"},
};

constexpr Reason kConnack5[] = {
    {0x84, "it does not speak MQTT 5; try broker.mqtt_version: 3.1.1"},
    {0x85, "it does not accept the client id '%'; change broker.client_id"},
    {0x86, "the user name or the password is wrong; check broker.username and broker.password"},
    {0x87,
     "not authorized; check broker.username and broker.password, and what the broker allows "
     "the client id '%'"},
    {0x88, "it is not available at the moment"},
    {0x89, "it is busy"},
    {0x8a, "this client is banned; ask who runs the broker"},
    {0x8c, "it wants another way of authentication than a user name and a password"},
    {0x95, "the connect packet is too large for it; shorten client id, user name or password"},
    {0x97, "its quota is used up; ask who runs the broker"},
    {0x9c, "it asks to use another broker; change broker.url"},
    {0x9d, "it has moved for good; change broker.url"},
    {0x9f, "too many connections in a short time"},
};

constexpr Reason kSuback[] = {
    {0x80,
     "no reason given, mostly because the user may not read it; check the broker's access "
     "rules"},
    {0x83, "the broker is set up not to allow it"},
    {0x87, "not authorized; the broker's access rules do not let this user read it"},
    {0x8f, "the broker does not accept this topic filter"},
    {0x97, "a quota is used up; the broker limits the subscriptions of one client"},
    {0x9e, "the broker has no shared subscriptions"},
    {0xa1, "the broker has no subscription identifiers; try broker.mqtt_version: 3.1.1"},
    {0xa2, "the broker does not allow wildcards"},
};

constexpr Reason kDisconnect[] = {
    {0x81, "it could not read a packet of ours (malformed)"},
    {0x82, "it saw a breach of the protocol in a packet of ours"},
    {0x87, "not authorized any more; check what the broker allows the user"},
    {0x89, "it is busy"},
    {0x8b, "it is shutting down"},
    {0x8d, "it heard nothing from us for 1.5 times broker.keep_alive"},
    {0x8e,
     "another client uses the same client id '%' and took the session over; give each client "
     "a broker.client_id of its own"},
    {0x93, "we had more unacknowledged messages than it allows"},
    {0x95, "a packet of ours was larger than it takes"},
    {0x96, "we sent faster than it takes"},
    {0x97, "a quota is used up; ask who runs the broker"},
    {0x98, "somebody who runs the broker ended it"},
    {0x9c, "it asks to use another broker; change broker.url"},
    {0x9d, "it has moved for good; change broker.url"},
    {0x9f, "too many connections in a short time"},
    {0xa0, "the longest time it allows a connection is over"},
    {0xa1, "it has no subscription identifiers; try broker.mqtt_version: 3.1.1"},
};

std::string text_of(std::span<const Reason> reasons, int code, std::string_view name) {
  for (const Reason& reason : reasons) {
    if (reason.code != code) continue;
    std::string text(reason.text);
    if (const std::size_t at = text.find('%'); at != std::string::npos) text.replace(at, 1, name);
    return text;
  }
  char text[32];
  std::snprintf(text, sizeof text, "reason code 0x%02x", static_cast<unsigned>(code) & 0xffU);
  return text;
}

}  // namespace

std::string connack_text(int mqtt_version, int code, std::string_view client_id) {
  const std::span<const Reason> reasons =
      mqtt_version == 5 ? std::span<const Reason>(kConnack5) : std::span<const Reason>(kConnack3);
  return "the broker refused the connection: " + text_of(reasons, code, client_id);
}

bool is_unwelcome(int mqtt_version, int connack_code) {
  // Of 3.1.1: identifier rejected, bad user name or password, not authorized. Of 5 the same, banned
  // and bad authentication method.
  if (mqtt_version != 5) return connack_code == 2 || connack_code == 4 || connack_code == 5;
  return (connack_code >= 0x85 && connack_code <= 0x87) || connack_code == 0x8A ||
         connack_code == 0x8C;
}

std::string suback_text(int code, std::string_view filter) {
  return "the broker refused the subscription to '" + std::string(filter) +
         "': " + text_of(kSuback, code, filter);
}

std::string disconnect_text(int code, std::string_view client_id) {
  return "the broker ended the connection: " + text_of(kDisconnect, code, client_id);
}

bool is_taken_over(int disconnect_code) { return disconnect_code == 0x8E; }

}  // namespace plotbridge::mqtt
