// Which lines of one stream have arrived, by the best proof that the endpoint gives: its own
// acknowledgements, the answer to the end of the body, or what its TCP has taken. Lets the queue go
// of what has arrived, and has the rest sent again. Leaves to others: connections (stream_driver).
// The stream loop's thread only.
#pragma once

#include "plugin/app/delivery.h"
#include "plugin/app/intake.h"
#include "plugin/stream/bisect.h"
#include "plugin/stream/close_reason.h"
#include "plugin/stream/in_flight.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace plotbridge::app {

class DeliveryProof {
 public:
  /// Both outlive it.
  DeliveryProof(Intake& intake, std::size_t stream, Delivery& delivery);

  /// A connection is dialled. The number to announce for its first line; nothing: none.
  std::optional<std::uint64_t> dial();
  /// It is dialled only to be told where the endpoint goes on.
  bool asks_for_place() const { return proof_ == Proof::kAsked && !place_known_; }
  /// It is through.
  void connected(TimePoint now);
  /// What the endpoint has shown about acknowledgements by now. True when this shows that it gives
  /// none.
  bool settle(bool acknowledges, TimePoint now);
  /// Until when lines have to wait for the endpoint to say where it goes on; in the past: not.
  TimePoint held_until(TimePoint now) const;

  /// The line before which to stop and end the body.
  std::uint64_t stop_before() const;
  /// Ends the body before the next line, or before the one behind the half that has gone.
  void stop_here() {
    last_line_ = intake_.front_number(stream_);
    checkpoint_at_ = kNever;
  }
  /// The answer is asked for because of a line that was refused.
  bool looks_for_bad_line() const { return bisect_.active(); }
  /// When to `stop_here` for a checkpoint.
  TimePoint checkpoint_at() const { return checkpoint_at_; }

  /// Lines are counted by the endpoint, so their numbers must outlast this run.
  bool numbered() const { return proof_ == Proof::kAsked || proof_ == Proof::kAcks; }
  /// A chunk went out; `half`: the last line in it goes on in the next.
  void sent(std::size_t wire_bytes, std::size_t lines, bool half, TimePoint now);
  /// Whether what the peer's TCP has proves anything here.
  bool wants_tcp() const { return proof_ != Proof::kAcks; }
  /// The peer's TCP has so many bytes of chunks; -1: nobody knows.
  void tcp_has(std::int64_t bytes, TimePoint now);
  /// The endpoint has every line before number `next`. False: it was never sent one of those.
  bool acknowledged(std::uint64_t next);
  bool sent_lines() const { return in_flight_.sent_lines(); }

  /// The connection is over. `ending`: as it came from outside; `reason`: nothing: not known yet.
  /// The line that was refused, if one is known to be.
  std::optional<std::string> ended(const stream::Ending* ending,
                                   std::optional<stream::CloseReason> reason, TimePoint now);

 private:
  enum class Proof : std::uint8_t {
    kTcp,     // what the peer's TCP has
    kAsked,   // the endpoint was asked to acknowledge, and has not answered yet
    kAcks,    // the endpoint's acknowledgements
    kAnswer,  // nothing but the answer to the end of the body
  };

  bool trusts_tcp() const;
  bool answers_others(TimePoint now);
  void release_acknowledged();
  bool answered(const stream::Ending* ending, bool well);
  bool took_nothing(const stream::Ending* ending, TimePoint now) const;

  Intake& intake_;
  std::size_t stream_;
  Delivery& delivery_;
  Proof proof_ = Proof::kTcp;
  stream::InFlight in_flight_;
  stream::Bisect bisect_;
  TimePoint connected_at_{};
  TimePoint others_answered_at_ = kNever;  // first, while this connection waited
  TimePoint first_line_at_{};
  std::uint64_t last_line_ = Intake::kNoLimit;
  TimePoint checkpoint_at_ = kNever;
  int unanswered_ends_ = 0;  // in a row, of checkpoints
  // Of acknowledged lines:
  bool plain_once_ = false;  // the next connection does not ask
  bool place_known_;         // the endpoint and we agree on the next line's number
  bool half_sent_ = false;
  std::uint64_t sent_before_ = 0;          // no line with this number or a greater one was sent
  std::uint64_t acknowledged_before_ = 0;  // all lines before this number have arrived
};

}  // namespace plotbridge::app
