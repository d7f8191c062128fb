// The stream loop: one epoll set over libcurl's sockets, our own watch for closing peers, and a
// wake-up from other threads. Leaves to others: what is sent and when to dial (app/streamer over
// curl_transport). One thread calls `run` and everything of the transports; `wake` and `stop` may
// be called from any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/http/curl_reactor.h"
#include "plugin/http/unique_fd.h"

#include <atomic>
#include <cstdint>
#include <functional>

namespace plotbridge::http {

class CurlLoop {
 public:
  CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// How long the loop may sleep, and whether `wake` may end the sleep. Under load nobody wakes it:
  /// a wake-up a message costs more than the message.
  struct Rest {
    TimePoint until = kNever;
    bool wakeable = true;
  };
  /// Called after each wait, once everything that happened has been told to the transports'
  /// clients.
  using OnTurn = std::function<Rest(TimePoint now)>;

  /// Runs until `stop`. What a turn throws is logged, and the next one comes.
  void run(const OnTurn& on_turn);
  void stop();
  /// Makes the loop turn soon; costs nothing while it is busy or may not be woken.
  void wake();

  /// Turns so far: stands still when the loop does.
  std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

  /// For the transports that this loop turns.
  CurlReactor& reactor() { return reactor_; }

 private:
  struct Turn {
    TimePoint due = TimePoint::min();
    bool wakeable = false;
  };
  void take_turn(Turn& turn, const OnTurn& on_turn);

  CurlReactor reactor_;
  UniqueFd wakeup_;
  std::atomic<bool> asleep_{false};
  std::atomic<bool> woken_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> turns_{0};
};

}  // namespace plotbridge::http
