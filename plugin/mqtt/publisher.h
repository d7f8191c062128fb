// A client that only publishes: for the simulator and for tests. Leaves to others: when to connect
// again. One thread at a time.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"
#include "plugin/mqtt/session_options.h"

#include <memory>
#include <string>
#include <string_view>

namespace plotbridge::mqtt {

class Publisher {
 public:
  /// As for a Session; what concerns subscriptions and messages is not used, and the session is
  /// never kept.
  explicit Publisher(SessionOptions options);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// One attempt, waited for at most `timeout`. Replaces a connection that was; what it had not
  /// delivered is lost. kRefused: the broker said no; kUnavailable: it cannot be reached.
  Result<void> connect(Duration timeout);
  bool connected() const;

  /// Hands one message over; waits only while too many are on their way. QoS 0 or 1.
  Result<void> publish(std::string_view topic, std::string_view payload, int qos,
                       bool retained = false);
  /// Waits until the broker has acknowledged everything published (QoS 0: until it is written).
  Result<void> flush(Duration timeout);
  void disconnect(Duration timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plotbridge::mqtt
