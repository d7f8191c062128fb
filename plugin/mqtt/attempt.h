// One connection to the broker, from the dial to its end. A new one is made for each: a client of
// Paho that lost its connection keeps commands, tokens and callbacks of the old one, and dialling
// it again races them. Made and destroyed by the Session on its owner's thread; everything else
// runs on Paho's threads, which take turns. Destruction waits for a callback that runs, and none
// comes after it.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/mqtt/broker_url.h"
#include "plugin/mqtt/session_options.h"
#include "plugin/mqtt/subscriber.h"

#include <MQTTAsync.h>
#include <mqtt/async_client.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::mqtt {

class Attempt : private ::mqtt::iaction_listener {
 public:
  /// What outlives one connection.
  struct Shared {
    SessionOptions options;  // with a client id
    SessionCallbacks callbacks;
    bool persistent = false;
    std::atomic<bool> connected = false;
    /// Every filter was granted to this process once. Only Paho's threads.
    bool subscribed = false;
  };

  /// Throws what Paho throws. `shared` outlives this object.
  Attempt(const BrokerUrl& url, Shared& shared);
  ~Attempt() override;

  /// Throws what Paho throws when it cannot even start.
  void dial();
  bool over() const { return over_; }
  /// What cannot be sent is given up.
  void publish(const std::string& topic, const std::string& payload, int qos, bool retained);
  /// From here on `on_ready` and `on_down` are not called. Messages still are, for as long as they
  /// come: each is acknowledged when its callback returns, whether or not somebody looked at it.
  void disconnect(Duration timeout);

 private:
  void on_success(const ::mqtt::token& token) override;
  void on_failure(const ::mqtt::token& token) override;
  /// What Paho's C library calls with each message.
  static int on_message(void* context, char* topic, int topic_size, MQTTAsync_message* message);
  void take(std::string_view topic, const MQTTAsync_message& received);
  void subscribe(const ::mqtt::connect_response& response);
  void ready(std::vector<std::string> problems);
  void end(const std::string& why, Down how = Down::kFailed);
  /// Carries out `step`; whatever it throws ends here.
  template <class Step>
  void guarded(Step step) noexcept;
  void complain();

  const BrokerUrl url_;
  Shared& shared_;
  std::atomic<bool> over_ = false;
  std::atomic<bool> muted_ = false;
  bool session_present_ = false;
  std::vector<std::string> problems_;
  std::vector<std::uint32_t> ids_;
  RateLimit complaints_{std::chrono::seconds(10)};
  std::unique_ptr<Subscriber> subscriber_;
  std::unique_ptr<::mqtt::async_client> owned_client_;
  // What callbacks use: also of one that is being destroyed, which waits for them.
  ::mqtt::async_client& client_;
};

}  // namespace plotbridge::mqtt
