// What the tests of the session share: options for a broker, and a publisher that fails the test
// when it fails.
#pragma once

#include "plugin/mqtt/publisher.h"

#include "tests/support/mosquitto_process.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace plotbridge::test {

inline mqtt::SessionOptions to(const MosquittoProcess& broker,
                               std::vector<mqtt::Subscription> subscriptions = {}) {
  mqtt::SessionOptions options;
  options.url = broker.url();
  options.subscriptions = std::move(subscriptions);
  return options;
}

inline mqtt::SessionOptions persistent(mqtt::SessionOptions options) {
  options.client_id = "gateway-7";
  options.session_expiry = std::chrono::hours(1);
  return options;
}

class Source {
 public:
  explicit Source(const MosquittoProcess& broker) : publisher_(to(broker)) { connect(); }
  void connect() {
    const auto connected = publisher_.connect(std::chrono::seconds(10));
    EXPECT_TRUE(connected) << connected.error().message;
  }
  void send(const std::string& topic, const std::string& payload, int qos = 1,
            bool retained = false) {
    const auto sent = publisher_.publish(topic, payload, qos, retained);
    EXPECT_TRUE(sent) << sent.error().message;
  }
  void flush() {
    const auto flushed = publisher_.flush(std::chrono::seconds(10));
    EXPECT_TRUE(flushed) << flushed.error().message;
  }

 private:
  mqtt::Publisher publisher_;
};

}  // namespace plotbridge::test
