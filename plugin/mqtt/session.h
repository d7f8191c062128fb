// The relationship with one broker, by Paho: connect, subscribe, hand messages over, connect again.
// Leaves to others: what a message becomes, and when to try again (the owner calls `connect` when
// told it is time). Callbacks come on Paho's thread; every public method may be called from any
// other thread, never from a callback (Paho would wait for itself).
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"
#include "plugin/model/message.h"
#include "plugin/model/secret.h"
#include "plugin/mqtt/session_options.h"

#include <memory>
#include <string>

namespace plotbridge::mqtt {

/// Forgets http_proxy and https_proxy of the environment, through which Paho would send even plain
/// MQTT to loopback, and which it cannot be told to ignore. Before the first thread starts.
void ignore_proxy_variables();

class Session {
 public:
  Session(SessionOptions options, SessionCallbacks callbacks);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Starts one attempt; `on_ready` or `on_down` tells how it went. Returns at once, except that
  /// over a websocket it may take a second to leave the connection before. Without effect while an
  /// attempt or a connection is on. An attempt that cannot even start is told by `on_down` before
  /// this returns.
  void connect();
  bool connected() const;
  /// Sends one message that nobody waits for. Without effect while there is no connection.
  void publish(const std::string& topic, const std::string& payload, int qos, bool retained);
  /// Disconnects in good order, waiting `timeout` for the messages on their way and then for a
  /// callback that runs; no callback comes after it returned, and `on_down` not at all. `connect`
  /// may follow.
  void disconnect(Duration timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plotbridge::mqtt
