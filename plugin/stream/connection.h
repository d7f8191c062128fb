// THE state machine of one token: when to dial, when lines may go, when to keep silent, when to
// give up for a while. It decides, another performs (app/stream_driver). It obeys three rules: it
// never reads a clock and never draws a random number (both come in with each event), and
// everything it does is a row of the table in connection_table.h. One thread at a time.
#pragma once

#include "plugin/base/backoff.h"
#include "plugin/base/time.h"
#include "plugin/stream/close_reason.h"
#include "plugin/stream/connection_table.h"
#include "plugin/stream/origin.h"
#include "plugin/stream/rival.h"

#include <optional>
#include <string>

namespace plotbridge::stream {

/// What comes in with each event.
struct Moment {
  TimePoint now;
  double random;   // in [0, 1)
  Origin& origin;  // what the other streams of the endpoint do
};

/// What the performer has to do, in this order.
struct Actions {
  bool close = false;      // end the connection or attempt at once
  bool dial = false;       // open a connection
  bool probe = false;      // see whether the endpoint can be reached, without a request
  bool finish = false;     // end the body in good order and wait for the answer
  bool heartbeat = false;  // write a newline

  struct Transition {
    State from;
    State to;
  };
  /// Set when the state changed.
  std::optional<Transition> transition;

  struct Closed {
    CloseReason reason;
    Ending ending;
    std::string because;  // what else led to the reason; may be empty
  };
  /// Set once for each connection or attempt that ended, when its reason is known: with its end or
  /// a moment later.
  std::optional<Closed> closed;
};

class Connection {
 public:
  struct Options {
    /// Silence after which a newline is written.
    Duration heartbeat = std::chrono::seconds(20);
    Contest contest = Contest::kShare;
  };

  Connection(Options options, TimePoint now);

  /// Wanted: at the start, and again when a person asks for another try.
  Actions open(const Moment& at);
  /// The request is on its way and lines may follow.
  Actions connected(const Moment& at);
  /// The connection or attempt is over. `sent_lines`: a line was on it that the endpoint may mean.
  Actions ended(const Ending& ending, bool sent_lines, const Moment& at);
  /// The deadline has come. Nothing happens when it has not.
  Actions deadline_reached(const Moment& at);
  /// What was sent is to be answered for before more is: ends the body; the next connection follows
  /// the answer.
  Actions round_off(const Moment& at);
  /// The program stops: end in good order.
  Actions drain(const Moment& at);
  /// Whether the next refusal of a line is a step of the search for it, and no reason to slow down.
  void searches_bad_line(bool searches) { searches_bad_line_ = searches; }
  /// Bytes were written.
  void wrote(TimePoint now);

  /// When to call `deadline_reached`; kNever: there is nothing to wait for.
  TimePoint deadline() const;
  State state() const { return state_; }
  TimePoint since() const { return since_; }
  bool may_send() const { return state_ == State::kProbation || state_ == State::kLive; }

 private:
  // An end whose reason is not known yet.
  struct Unexplained {
    Ending ending;
    Circumstances around;
    TimePoint at;
  };

  TimePoint heartbeat_deadline() const;
  Actions attempt_ended(const Ending& ending, const Moment& at);
  Actions look_around(const Moment& at);
  Actions conclude(CloseReason reason, const Unexplained& what, const Moment& at,
                   std::string because = {});
  Actions apply(Trigger trigger, const Moment& at);
  void enter(State to, Actions& actions, TimePoint now);
  void arm(Timer timer, const Moment& at);

  Options options_;
  State state_ = State::kIdle;
  bool stopping_ = false;
  bool searches_bad_line_ = false;
  bool has_place_ = false;  // among the dials of the endpoint; taken when the deadline comes
  TimePoint since_;
  TimePoint state_deadline_ = kNever;
  TimePoint connected_at_;
  TimePoint last_write_;
  TimePoint last_heartbeat_;
  std::optional<Duration> retry_after_;
  std::optional<Unexplained> unexplained_;
  std::optional<TimePoint> doubtful_restart_;  // the last end that was taken for one
  Trigger at_place_ = Trigger::kDeadline;
  Backoff backoff_;
  Backoff bad_data_backoff_;
  Rival rival_;
};

}  // namespace plotbridge::stream
