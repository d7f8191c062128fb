// Answers that wait until what they speak of is kept, where state is kept; each for so long and no
// longer. Leaves to others: keeping it, and what is answered. Loop thread, but `failing` any.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/journal.h"
#include "plugin/http/connection_server.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace plotbridge::http {

class KeptAnswers {
 public:
  /// The two outlive it. `patience`: how long an answer waits, against a disk that stands still.
  KeptAnswers(const endpoint::Journal& journal, const ConnectionServer& server, Duration patience)
      : journal_(journal), server_(server), patience_(patience) {}

  /// State is kept: `wake` is called when somebody waits for that. Without it nobody waits.
  void on_waiting(std::function<void()> wake) { wake_ = std::move(wake); }
  /// Whether nothing can be kept for now: then nobody waits for it.
  void set_failing(bool failing) { failing_.store(failing, std::memory_order_relaxed); }
  bool failing() const { return failing_.load(std::memory_order_relaxed); }
  Duration patience() const { return patience_; }

  /// Answers once all that changed until now is kept.
  void answer(TcpConnection& connection, std::string answer, TimePoint now);
  /// Somebody waits without an answer of this kind.
  void hurry() const {
    if (wake_) wake_();
  }

  /// Everything up to this ticket of the journal is kept, or cannot be.
  void kept(std::uint64_t ticket);
  /// Answers who has waited for long enough.
  void on_sweep(TimePoint now);

 private:
  struct Waiting {
    std::uint64_t ticket;
    TimePoint until;
    ConnectionId connection;  // it may have gone
  };

  void answer_first();

  const endpoint::Journal& journal_;
  const ConnectionServer& server_;
  Duration patience_;
  std::function<void()> wake_;
  std::deque<Waiting> waiting_;  // in the order of their tickets
  std::uint64_t kept_ = 0;
  std::atomic<bool> failing_{false};
};

}  // namespace plotbridge::http
