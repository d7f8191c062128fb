// The bridge's one MQTT session and its reconnection: when to try again, what to tell, whether it
// is up. Leaves to others: the protocol (mqtt/session), what messages become (pipeline). `start`,
// `turn` and `stop` belong to the main thread; `status` to any.
#pragma once

#include "plugin/app/host_state.h"
#include "plugin/base/backoff.h"
#include "plugin/base/line_gate.h"
#include "plugin/base/rate_limit.h"
#include "plugin/base/time.h"
#include "plugin/config/config.h"
#include "plugin/mqtt/session.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace plotbridge::app {

struct BrokerStatus {
  std::string url;
  bool connected = false;
  WallTime since;
  std::uint64_t reconnects = 0;
  std::uint64_t oversize_messages = 0;
  std::string problem;  // why it is down, or which filter the broker refuses; empty: all is well
  std::uint64_t lost_sessions = 0;  // that the broker was to keep for us
};

class BrokerLink {
 public:
  /// An attempt that tells nothing for so long is given up: a broker may never answer what it is
  /// asked, and Paho waits by the wall clock, which somebody may set back.
  static constexpr Duration kPatience = std::chrono::seconds(30);

  struct Callbacks {
    // On Paho's thread, as they come:
    std::function<void(const Message&)> on_message;
    std::function<void(std::string_view topic)> on_oversize{};  // a message that was dropped
    std::function<void()> on_new_session{};  // the broker had none for us; before its first message
    // On any, when `turn` has something to do:
    std::function<void()> on_change;
  };
  /// `host_id`: of a Sparkplug primary host, whose state is told; empty: it is none.
  BrokerLink(const config::Broker& broker, std::vector<mqtt::Subscription> subscriptions,
             const std::string& host_id, Callbacks callbacks);

  void start(TimePoint now) { dial(now); }
  /// Tries again if it is time; the time of the next call.
  TimePoint turn(TimePoint now);
  /// If it waits to try again, it does so with the next `turn`.
  void retry(TimePoint now);
  /// QoS 0; without effect while there is no connection. Main thread.
  void publish(const std::string& topic, const std::string& payload) {
    session_->publish(topic, payload, 0, false);
  }
  /// Leaves messages with the broker, which keeps them with the session; and takes them again.
  void pause(Duration timeout, std::string why);
  void resume(TimePoint now);
  bool paused() const { return paused_; }
  /// No message comes after it returned.
  void stop(Duration timeout);

  BrokerStatus status() const;
  /// Logs how many messages that were too large the log left out since a line older than `age`.
  void log_suppressed(TimePoint now, Duration age);

 private:
  void dial(TimePoint now);
  void announce();
  void on_ready(bool session_present, const std::vector<std::string>& problems);
  void on_down(const std::string& why, mqtt::Down how);
  void on_oversize(std::string_view topic, std::size_t size);

  Callbacks told_;
  std::optional<HostState> host_state_;
  std::atomic<bool> announce_wanted_ = false;
  mutable std::mutex mutex_;
  BrokerStatus status_;
  bool was_connected_ = false;
  bool paused_ = false;  // main thread
  std::optional<mqtt::Down> retry_wanted_;
  const bool persistent_;
  TimePoint connected_at_ = kNever;
  std::map<mqtt::Down, Backoff> backoffs_;
  TimePoint retry_at_ = kNever;
  TimePoint give_up_at_ = kNever;  // the attempt that is on
  std::mt19937_64 random_;
  LineGate oversize_log_;
  RateLimit down_log_;
  // Last, so that no callback finds the rest gone.
  std::string private_key_;  // its file; empty: TLS is not used, or without a certificate of ours
  std::unique_ptr<mqtt::Session> session_;
};

}  // namespace plotbridge::app
