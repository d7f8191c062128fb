// Finds out why a broker cannot be reached, by dialling it once more by hand: Paho says only that
// it failed, and keeps neither errno nor the verdict on the certificate. Sends no MQTT, so no
// password. Waits for the network: at most `limit`, and the time the resolver takes. Any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/mqtt/broker_url.h"
#include "plugin/mqtt/session_options.h"

#include <string>

namespace plotbridge::mqtt {

/// A sentence for a person, also when this time it could be reached.
std::string explain_unreachable(const BrokerUrl& url, const SessionOptions& options,
                                Duration limit);

}  // namespace plotbridge::mqtt
