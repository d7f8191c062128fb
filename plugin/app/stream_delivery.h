// Which lines of one stream may go over its connection, and which of them have arrived: chooses the
// proof of each connection, lets the outbox go of what has arrived, and searches for a line that
// the endpoint refuses. Not responsible for: connections (stream_driver). The stream loop's thread
// only.
#pragma once

#include "plugin/app/delivery.h"
#include "plugin/app/outbox.h"
#include "plugin/stream/ack_proof.h"
#include "plugin/stream/answer_proof.h"
#include "plugin/stream/arrival_proof.h"
#include "plugin/stream/bad_line_search.h"
#include "plugin/stream/close_reason.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::app {

class StreamDelivery {
 public:
  /// Both outlive it.
  StreamDelivery(Outbox& outbox, std::size_t stream, Delivery& shared);

  /// A connection is dialled. The offset to announce for its first line; nothing: none.
  std::optional<std::uint64_t> dial();
  /// It is through.
  void connected(TimePoint now);
  /// Until when nothing may be sent: until the endpoint has said what it has (kNever), or whether
  /// it acknowledges lines; in the past: it may.
  TimePoint held_until() const;
  bool waits_for_have() const { return acks_ != nullptr && acks_->is_waiting(); }
  /// More is known of the endpoint by now than when this connection was dialled: whether it
  /// acknowledges lines.
  bool is_out_of_date() const {
    return proof_ && (acks_ != nullptr) != shared_.acks.acknowledges();
  }

  /// Before each chunk: it has no line yet.
  void begin_chunk() { filled_.clear(); }
  /// Fills it, if nothing holds the stream.
  Outbox::Filled fill(std::span<char> room, TimePoint now);
  /// Chunks of so many bytes went out for it.
  void sent(std::size_t wire_bytes, TimePoint now);
  bool sent_lines() const { return sent_lines_; }
  /// Ends the body before the next line, or behind the one that is sent in part.
  void stop_here();
  bool stops() const { return stop_; }
  /// When to `stop_here` for a checkpoint.
  TimePoint checkpoint_at() const { return checkpoint_at_; }
  /// The answer is asked for because of a line that was refused.
  bool looks_for_bad_line() const { return search_.active(); }

  /// Whether what the peer's TCP has proves anything here.
  bool wants_tcp() const { return proof_ && proof_->wants_tcp(); }
  /// It has so many bytes of chunks; -1: nobody knows.
  void tcp_has(std::int64_t bytes, TimePoint now);
  /// The endpoint has these lines. `asked`: it said so because it was asked, and not on the
  /// connection. False: it was never sent some of them.
  bool have(std::span<const OffsetRange> offsets, bool asked, TimePoint now);
  /// When to ask what the endpoint has, because its acknowledgements do not come through; kNever:
  /// not.
  TimePoint ask_at() const { return acks_ != nullptr ? ask_at_ : kNever; }
  void ask(TimePoint now);
  /// When to look whether the endpoint acknowledges what was sent to it; kNever: nothing is in
  /// flight.
  TimePoint look_at() const { return acks_ != nullptr ? look_at_ : kNever; }
  /// Its TCP has so many bytes of chunks. True: all of them, for long, and the
  /// endpoint has none of their lines: something between has taken them and gives them to nobody.
  bool is_stalled(std::int64_t tcp_bytes, TimePoint now);

  /// The connection is over. `ending`: as it came from outside; `reason`: nothing: not known yet.
  void ended(const stream::Ending* ending, std::optional<stream::CloseReason> reason,
             TimePoint now);
  /// The line that the endpoint refuses, once, when it is known and in memory.
  std::optional<std::string> take_out_refused();
  /// It is known, and not in memory yet.
  bool waits_for_refused() const { return refused_.has_value(); }

 private:
  bool answered(const stream::Ending* ending, bool well);
  void search_on(bool refused, bool accepted, RangeSet in_flight);
  void tell_arrived(TimePoint now);

  Outbox& outbox_;
  std::size_t stream_;
  Delivery& shared_;
  std::unique_ptr<stream::ArrivalProof> proof_;  // of the connection; null: there is none
  stream::AckProof* acks_ = nullptr;             // the same, if it is that
  stream::AnswerProof* answer_ = nullptr;        // or that
  stream::BadLineSearch search_;
  std::optional<std::uint64_t> refused_;  // this line, which is not wanted any more
  TimePoint connected_at_{};
  TimePoint held_until_ = TimePoint::min();
  TimePoint ask_at_ = kNever;
  TimePoint look_at_ = kNever;
  std::uint64_t resolved_ = 0;   // lines, when the endpoint last said something
  std::int64_t wire_bytes_ = 0;  // of the chunks of this connection
  bool stop_ = false;
  TimePoint checkpoint_at_ = kNever;
  int unanswered_ends_ = 0;  // in a row, of checkpoints
  bool sent_lines_ = false;
  // Scratch.
  std::vector<OffsetRange> filled_;
  std::vector<OffsetRange> arrived_;
};

}  // namespace plotbridge::app
