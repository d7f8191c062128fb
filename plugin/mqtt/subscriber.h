// The subscriptions of one connection: asks for them a few packets at a time and gathers the
// answers. Everything here runs on Paho's thread, in its callbacks.
#pragma once

#include "plugin/mqtt/session_options.h"

#include <mqtt/async_client.h>

#include <functional>
#include <string>
#include <vector>

namespace plotbridge::mqtt {

class Subscriber : public ::mqtt::iaction_listener {
 public:
  /// Told once, when every subscription is answered; not when the connection ended before.
  /// `problems` has a sentence for each that was refused or got less than it asked for.
  using Done = std::function<void(std::vector<std::string> problems)>;

  /// `client`, `subscriptions` and the options behind them stay until this object is gone.
  Subscriber(::mqtt::async_client& client, int mqtt_version,
             const std::vector<Subscription>& subscriptions, Done done);

  /// `with_ids`: the broker knows subscription identifiers (MQTT 5).
  void start(bool with_ids);

 private:
  struct Packet {
    std::size_t first;
    std::size_t count;
  };

  void on_success(const ::mqtt::token& token) override;
  void on_failure(const ::mqtt::token& token) override;
  void send_more();
  void send(Packet& packet);
  void note(const Subscription& asked, int code);
  int wanted_qos(const Subscription& subscription) const;

  ::mqtt::async_client& client_;
  const bool version5_;
  const std::vector<Subscription>& subscriptions_;
  Done done_;
  bool with_ids_ = false;
  std::vector<Packet> packets_;
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace plotbridge::mqtt
