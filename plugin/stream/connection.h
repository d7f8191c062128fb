// THE state machine of one token: when to dial, when lines may go, when to keep silent, when to
// give up for a while. It decides, another performs (app/streamer). It obeys three rules: it never
// reads a clock (now comes in), it never draws a random number (one comes in), and everything it
// does is a row of the table in connection_table.h. One thread at a time.
#pragma once

#include "plugin/base/backoff.h"
#include "plugin/base/time.h"
#include "plugin/stream/close_reason.h"
#include "plugin/stream/connection_table.h"

#include <optional>

namespace plotbridge::stream {

/// What the performer has to do, in this order.
struct Actions {
  bool close = false;      // end the connection or attempt at once
  bool dial = false;       // open a connection
  bool finish = false;     // end the body in good order and wait for the answer
  bool heartbeat = false;  // write a newline

  struct Transition {
    State from;
    State to;
    /// Set when an ending caused it, or the lack of an answer in time.
    std::optional<CloseReason> reason;
  };
  /// Set when the state changed.
  std::optional<Transition> transition;
};

class Connection {
 public:
  struct Options {
    /// Silence after which a newline is written.
    Duration heartbeat = std::chrono::seconds(20);
  };

  Connection(Options options, TimePoint now);

  /// Wanted: at the start, and again when a person asks for another try.
  Actions open(TimePoint now, double random);
  /// The request is on its way and lines may follow.
  Actions connected(TimePoint now, double random);
  /// The connection or attempt is over.
  Actions ended(const Ending& ending, TimePoint now, double random);
  /// The deadline has come. Nothing happens when it has not.
  Actions deadline_reached(TimePoint now, double random);
  /// The program stops: end in good order.
  Actions drain(TimePoint now, double random);
  /// Bytes were written.
  void wrote(TimePoint now);

  /// When to call `deadline_reached`; kNever: there is nothing to wait for.
  TimePoint deadline() const;
  State state() const { return state_; }
  TimePoint since() const { return since_; }
  bool may_send() const { return state_ == State::kProbation || state_ == State::kLive; }

 private:
  TimePoint heartbeat_deadline() const;
  Actions apply(Trigger trigger, TimePoint now, double random,
                std::optional<Duration> retry_after = std::nullopt);
  void arm(Timer timer, TimePoint now, double random, std::optional<Duration> retry_after);

  Options options_;
  State state_ = State::kIdle;
  TimePoint since_;
  TimePoint state_deadline_ = kNever;
  TimePoint last_write_;
  TimePoint last_heartbeat_;
  Backoff backoff_;
  Backoff hold_;
};

}  // namespace plotbridge::stream
