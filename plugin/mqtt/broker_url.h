// The address of a broker as a person writes it: mqtt, mqtts, ws or wss. Leaves to others: dialling
// it. Pure; any thread.
#pragma once

#include "plugin/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::mqtt {

struct BrokerUrl {
  bool tls = false;
  bool websocket = false;
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;
  std::string path;  // of a websocket, with its slash

  /// `host:port`, for messages.
  std::string address() const;
  /// The same address in Paho's own schemes: tcp, ssl, ws, wss.
  std::string paho() const;
};

/// Without a port: 1883, 8883, 80 and 443; without a path: /mqtt.
Result<BrokerUrl> parse_broker_url(std::string_view url);

}  // namespace plotbridge::mqtt
