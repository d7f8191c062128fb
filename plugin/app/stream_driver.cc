#include "plugin/app/stream_driver.h"

#include "plugin/app/stream_report.h"
#include "plugin/base/clock.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <utility>

namespace plotbridge::app {

using stream::CloseReason;
using stream::State;

namespace {

// A proxy (nginx, unbuffered) loses the answer that comes while it passes the end of the body on. A
// refusal comes by itself, so it gets this time before the end is sent to ask for the verdict.
constexpr Duration kListenBeforeAsking = std::chrono::milliseconds(300);

// For a line that the store is asked for.
constexpr Duration kLookAgain = std::chrono::milliseconds(50);

// Before the program has to end: how long what waits goes on being sent. What has a place on disk
// can wait for the next run.
constexpr Duration kDrainSends = std::chrono::milliseconds(3500);
constexpr Duration kDrainSendsSpooled = std::chrono::seconds(1);

// Of the published statuses: "stream token is no longer associated with this plot", and
// "streamtoken not registered or valid".
constexpr int kPlotLostToken = 403;
constexpr int kUnknownToken = 404;

}  // namespace

StreamDriver::StreamDriver(StreamContext& context, std::size_t stream, std::string name)
    : context_(context),
      stream_(stream),
      name_(std::move(name)),
      connection_(context.connection, context.now()),
      delivery_(context.outbox, stream, context.delivery),
      transport_(context.make_transport(stream, *this)) {}

void StreamDriver::open() { perform(connection_.open(moment()), nullptr); }

void StreamDriver::drain() {
  stop_at_ = context_.now() + (context_.delivery.spooled ? kDrainSendsSpooled : kDrainSends);
  perform(connection_.drain(moment()), nullptr);
}

void StreamDriver::lines_queued() {
  const bool may = connection_.may_send() || waits_for_store_;
  if (may && send_at_ == kNever) transport_->resume();
}

void StreamDriver::turn() {
  const TimePoint now = context_.now();
  if (now >= dial_at_) {
    give_up_asking();
    open_connection();
  }
  // No connection follows one that ends for a checkpoint while the program ends.
  const bool is_checkpoint = stop_at_ == kNever && now >= delivery_.checkpoint_at();
  if (now >= stop_at_ || is_checkpoint) {
    stop_at_ = kNever;
    delivery_.stop_here();
    transport_->resume();
  }
  if (now >= delivery_.ask_at()) delivery_.ask(now);
  const bool look = now >= delivery_.look_at();
  if (look && delivery_.is_stalled(transport_->acknowledged_bytes(), now)) return end_stalled();
  if (now >= send_at_) {
    send_at_ = kNever;
    transport_->resume();
  }
  if (now >= connection_.deadline()) {
    perform(connection_.deadline_reached(moment()), nullptr);
  } else {
    wait_for_deadline();
  }
}

void StreamDriver::end_stalled() {
  transport_->close();
  stream::Ending ending;
  ending.how = stream::Ending::How::kTimeout;
  ending.detail =
      "the endpoint acknowledges none of the lines sent: a proxy in between keeps or drops them";
  on_ended(ending);
}

void StreamDriver::endpoint_answered() {
  if (dial_at_ != kNever) return open_connection();
  if (!connection_.may_send()) return;
  send_at_ = kNever;
  transport_->resume();
}

void StreamDriver::on_connected() {
  delivery_.connected(context_.now());
  perform(connection_.connected(moment()), nullptr);
}

std::size_t StreamDriver::fill(std::span<char> room) {
  const TimePoint now = context_.now();
  Outbox::Filled filled = next_lines(room, now);
  if (filled.bytes == 0 && heartbeat_due_) {
    room[0] = protocol::kHeartbeat[0];
    filled.bytes = 1;
    context_.outbox.update(stream_, [](StreamStatus& status) { ++status.heartbeats; });
  }
  heartbeat_due_ = false;
  send_at_ = filled.next;
  waits_for_store_ = filled.waits;
  if (filled.bytes == 0) return send_nothing(filled.at_limit, now);
  connection_.wrote(now);
  delivery_.sent(stream::chunk_wire_size(filled.bytes), now);
  note_tcp(now);
  wait_for_deadline();
  return filled.bytes;
}

Outbox::Filled StreamDriver::next_lines(std::span<char> room, TimePoint now) {
  Outbox::Filled nothing;
  delivery_.begin_chunk();
  // The next connection asks for what is known by now.
  if (delivery_.is_out_of_date()) delivery_.stop_here();
  if (const TimePoint held = delivery_.held_until(); now < held) {
    nothing.at_limit = delivery_.stops();
    nothing.next = std::min(held, stop_at_);
    return nothing;
  }
  give_up_asking();
  put_refused_aside();
  if (delivery_.waits_for_refused()) {
    nothing.waits = true;
    nothing.next = now + kLookAgain;
    return nothing;
  }
  if (std::exchange(was_away_, false)) context_.outbox.on_reconnected(stream_);
  return delivery_.fill(room, now);
}

std::size_t StreamDriver::send_nothing(bool at_limit, TimePoint now) {
  if (at_limit && delivery_.looks_for_bad_line() && now < ask_at_) {
    if (ask_at_ == kNever) ask_at_ = now + kListenBeforeAsking;
    send_at_ = ask_at_;
  } else if (at_limit) {
    perform(connection_.round_off(moment()), nullptr);
  }
  if (connection_.state() == State::kDraining && send_at_ == kNever && !waits_for_store_) {
    transport_->finish();
  }
  wait_for_deadline();
  return 0;
}

void StreamDriver::on_have(std::span<const OffsetRange> offsets) {
  note_durability();
  note_have(offsets, false);
}

void StreamDriver::note_have(std::span<const OffsetRange> offsets, bool asked) {
  const bool was_held = delivery_.waits_for_have();
  if (!delivery_.have(offsets, asked, context_.now())) {
    report_odd_acknowledgement(context_.outbox, stream_, name_, offsets.back().to);
  }
  if (!was_held) return;
  send_at_ = kNever;
  transport_->resume();
}

void StreamDriver::on_ended(const stream::Ending& ending) {
  note_tcp(context_.now());
  const bool sent_lines = delivery_.sent_lines();
  perform(connection_.ended(ending, sent_lines, moment()), &ending);
}

void StreamDriver::note_durability() {
  Delivery& delivery = context_.delivery;
  const bool loses = transport_->loses_with_power();
  if (!delivery.must_outlive_power || loses == delivery.loses_with_power) return;
  delivery.loses_with_power = loses;
  context_.outbox.hold_arrived(loses);
  report_durability(loses);
}

void StreamDriver::note_tcp(TimePoint now) {
  if (delivery_.wants_tcp()) delivery_.tcp_has(transport_->acknowledged_bytes(), now);
}

void StreamDriver::perform(const stream::Actions& actions, const stream::Ending* ending) {
  if (actions.close) {
    note_tcp(context_.now());
    transport_->close();
    dial_at_ = kNever;
  }
  if (actions.close || ending != nullptr) account_for_lines(actions, ending);
  const TimePoint deadline = connection_.deadline();
  report_stream(context_.outbox, stream_, name_, actions, ending,
                deadline == kNever ? Duration::max() : deadline - context_.now(), context_.reported,
                context_.now());
  if (actions.closed && actions.closed->reason == stream::CloseReason::kRefused) {
    const int status = actions.closed->ending.status;
    // One of ours that was started anew and keeps no state knows the token no longer.
    const bool forgotten = status == kUnknownToken && context_.delivery.acks.may_acknowledge();
    if ((status == kPlotLostToken || forgotten) && context_.plot_lost) context_.plot_lost(stream_);
  }
  if (actions.dial) dial();
  if (actions.probe) transport_->probe();
  if (actions.heartbeat) {
    heartbeat_due_ = true;
    transport_->resume();
  }
  if (actions.finish) transport_->resume();
  wait_for_deadline();
}

// Not before it is known whether the endpoint acknowledges lines, or this takes too long.
void StreamDriver::dial() {
  Delivery& delivery = context_.delivery;
  if (delivery.acks.may_acknowledge() && !delivery.acks.acknowledges() && delivery.ask) {
    delivery.acks.asked(context_.now());
    delivery.ask();
  }
  dial_at_ = delivery.acks.wait_until();
  if (context_.now() >= dial_at_) open_connection();
}

void StreamDriver::open_connection() {
  dial_at_ = kNever;
  const auto first_line = delivery_.dial();
  context_.outbox.update(stream_, [](StreamStatus& status) { ++status.opens; });
  transport_->open(first_line);
}

void StreamDriver::give_up_asking() {
  Delivery& delivery = context_.delivery;
  if (delivery.acks.give_up() && !std::exchange(delivery.told_of_none, true)) {
    report_no_acknowledgements();
  }
}

// A connection is gone: which of its lines have arrived, which go again, which one is bad.
void StreamDriver::account_for_lines(const stream::Actions& actions, const stream::Ending* ending) {
  const auto reason = actions.closed ? std::optional(actions.closed->reason) : std::nullopt;
  delivery_.ended(ending, reason, context_.now());
  if (reason == CloseReason::kBadData) refusal_ = stream::describe(actions.closed->ending);
  put_refused_aside();
  connection_.searches_bad_line(delivery_.looks_for_bad_line());
  was_away_ = was_away_ || reason != CloseReason::kDone;
  send_at_ = ask_at_ = kNever;
  heartbeat_due_ = false;
}

void StreamDriver::put_refused_aside() {
  const auto line = delivery_.take_out_refused();
  if (!line) return;
  const RefusedLine refused{name_, refusal_, *line, wall_now()};
  report_refused_line(context_.outbox, stream_, refused);
  context_.put_aside(refused);
}

void StreamDriver::wait_for_deadline() {
  const TimePoint checkpoint = stop_at_ == kNever ? delivery_.checkpoint_at() : kNever;
  const TimePoint next = std::min({connection_.deadline(), dial_at_, send_at_, stop_at_, checkpoint,
                                   delivery_.ask_at(), delivery_.look_at()});
  if (next != kNever) context_.schedule(stream_, next);
}

stream::Moment StreamDriver::moment() {
  const double random = std::uniform_real_distribution<double>(0, 1)(context_.random);
  return {context_.now(), random, context_.origin};
}

}  // namespace plotbridge::app
