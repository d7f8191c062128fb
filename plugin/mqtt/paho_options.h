// Our options in Paho's terms, and its failures in ours: what Session and Publisher share. Any
// thread.
#pragma once

#include "plugin/mqtt/broker_url.h"
#include "plugin/mqtt/session_options.h"

#include <mqtt/async_client.h>

#include <memory>
#include <string>

namespace plotbridge::mqtt {

/// Letters that no other client has chosen, for who gave no client id.
std::string random_client_id();

/// A client that is not connected and has no callbacks yet. Throws what Paho throws.
std::unique_ptr<::mqtt::async_client> make_client(const BrokerUrl& url,
                                                  const SessionOptions& options);

/// `options.client_id` is not empty any more; `persistent`: the broker shall keep the session.
/// `connect` is filled where it lives: moved, it would keep a pointer to the properties of what it
/// was moved from.
void fill_connect_options(const BrokerUrl& url, const SessionOptions& options, bool persistent,
                          ::mqtt::connect_options& connect);

/// Why an attempt to connect failed, for a person. May dial the broker once more to find out.
std::string connect_failure(const ::mqtt::exception& failure, const BrokerUrl& url,
                            const SessionOptions& options);

}  // namespace plotbridge::mqtt
