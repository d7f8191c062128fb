#include "plugin/app/simulate.h"

#include "plugin/app/plant.h"
#include "plugin/app/signals.h"
#include "plugin/base/backoff.h"
#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/mqtt/publisher.h"
#include "plugin/mqtt/session.h"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <random>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

constexpr int kGood = 0;
constexpr int kUsage = 2;
constexpr int kUnreachable = 69;
constexpr Duration kPatienceAtStart = 10s;
constexpr Duration kPatienceOfOneDial = 3s;
constexpr Backoff::Policy kReconnect{500ms, 10s};
// After a pause (a suspended process, a slow broker) what is older is left out, not caught up with.
constexpr Duration kLongestLag = 1s;

mqtt::SessionOptions to(const std::string& broker_url) {
  mqtt::SessionOptions options;
  options.url = broker_url;
  return options;
}

class Simulation {
 public:
  explicit Simulation(const SimulateOptions& options)
      : options_(options), publisher_(to(options.broker_url)), plant_(options.seed, wall_now()) {}

  int run() {
    const TimePoint start = steady_now();
    if (const auto connected = dial(start + kPatienceAtStart); !connected) {
      if (stopped_) return kGood;
      log::error("cannot reach the broker", {{"why", connected.error().message}});
      return connected.error().kind == ErrorKind::kInvalid ? kUsage : kUnreachable;
    }
    log::info("publishing a small plant below plant/line1",
              {{"broker", options_.broker_url}, {"rate", options_.rate}});
    while (!stopped_) {
      const auto published = publish();
      if (published) continue;
      log::warning("the connection to the broker is lost, connecting again",
                   {{"why", published.error().message}});
      if (dial(kNever)) log::info("connected again");
    }
    log::info("stopping");
    publisher_.disconnect(1s);
    return kGood;
  }

 private:
  /// Dials until it is connected, stopped, or `deadline` is over.
  Result<void> dial(TimePoint deadline) {
    Backoff backoff(kReconnect);
    for (;;) {
      auto connected = publisher_.connect(kPatienceOfOneDial);
      if (connected || connected.error().kind == ErrorKind::kInvalid) return connected;
      wait_until(steady_now() + backoff.next(chance_(jitter_)));
      if (stopped_ || steady_now() >= deadline) return connected;
    }
  }

  /// Publishes at the rate until it is stopped or the broker is gone.
  Result<void> publish() {
    const auto interval =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / options_.rate));
    TimePoint due = steady_now();
    for (;;) {
      wait_until(due);
      if (stopped_) return {};
      constexpr int kQos = 1;
      const PlantMessage message = plant_.next(wall_now());
      auto sent = publisher_.publish(message.topic, message.payload, kQos, message.retained);
      if (!sent) return sent;
      due = std::max(due + interval, steady_now() - kLongestLag);
    }
  }

  /// Returns at `time`, or when a signal says to stop.
  void wait_until(TimePoint time) {
    for (;;) {
      const Duration left = std::max(time - steady_now(), Duration::zero());
      const timespec timeout{static_cast<time_t>(left / 1s),
                             static_cast<long>((left % 1s).count())};
      pollfd signal{signals_.descriptor(), POLLIN, 0};
      if (::ppoll(&signal, 1, &timeout, nullptr) <= 0) return;
      const int number = signals_.next();
      if (number == SIGTERM || number == SIGINT) {
        stopped_ = true;
        return;
      }
    }
  }

  const SimulateOptions& options_;
  Signals signals_;  // before the publisher, which starts threads
  mqtt::Publisher publisher_;
  Plant plant_;
  std::mt19937_64 jitter_{std::random_device{}()};
  std::uniform_real_distribution<double> chance_{0, 1};
  bool stopped_ = false;
};

}  // namespace

int simulate(const SimulateOptions& options) {
  mqtt::ignore_proxy_variables();
  return Simulation(options).run();
}

}  // namespace plotbridge::app
