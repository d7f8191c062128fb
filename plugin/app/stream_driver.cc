#include "plugin/app/stream_driver.h"

#include "plugin/app/clock.h"
#include "plugin/app/stream_report.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace plotbridge::app {

using stream::Bisect;
using stream::CloseReason;
using stream::State;

namespace {

// An endpoint, or a proxy before it, that does not want the request says so within this time, while
// its TCP takes whatever we send.
constexpr Duration kRequestRefusedWithin = std::chrono::seconds(1);

// A proxy (nginx, unbuffered) loses the answer that comes while it passes the end of the body on. A
// refusal comes by itself, so it gets this time before the end is sent to ask for the verdict.
constexpr Duration kListenBeforeAsking = std::chrono::milliseconds(300);

// Of the published statuses: "stream token is no longer associated with this plot".
constexpr int kPlotLostToken = 403;

}  // namespace

StreamDriver::StreamDriver(StreamContext& context, std::size_t stream, std::string name)
    : context_(context),
      stream_(stream),
      name_(std::move(name)),
      connection_(context.connection, context.now()),
      transport_(context.make_transport(stream, *this)) {}

void StreamDriver::open() { perform(connection_.open(moment()), nullptr); }

void StreamDriver::drain() { perform(connection_.drain(moment()), nullptr); }

void StreamDriver::lines_queued() {
  if (connection_.may_send() && send_at_ == kNever) transport_->resume();
}

void StreamDriver::turn() {
  const TimePoint now = context_.now();
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

void StreamDriver::on_connected() {
  connected_at_ = context_.now();
  perform(connection_.connected(moment()), nullptr);
}

std::size_t StreamDriver::fill(std::span<char> room) {
  const TimePoint now = context_.now();
  const std::uint64_t stop_before = bisect_.active() ? bisect_.limit() : Intake::kNoLimit;
  Intake::Filled filled = context_.intake.fill(stream_, room, offset_, now, stop_before);
  if (filled.bytes == 0 && heartbeat_due_) {
    room[0] = protocol::kHeartbeat[0];
    filled.bytes = 1;
    context_.intake.update(stream_, [](StreamStatus& status) { ++status.heartbeats; });
  }
  heartbeat_due_ = false;
  send_at_ = filled.next;
  if (send_at_ != kNever) wait_for_deadline();
  if (filled.bytes > 0) {
    connection_.wrote(now);
    in_flight_.sent(stream::chunk_wire_size(filled.bytes), filled.lines);
    note_acknowledged(now);
    return filled.bytes;
  }
  if (filled.at_limit) {
    if (ask_at_ == kNever) ask_at_ = now + kListenBeforeAsking;
    if (now < ask_at_) {
      send_at_ = ask_at_;
      wait_for_deadline();
      return 0;
    }
    perform(connection_.round_off(moment()), nullptr);
  }
  if (connection_.state() == State::kDraining && send_at_ == kNever) transport_->finish();
  return 0;
}

void StreamDriver::on_ended(const stream::Ending& ending) {
  note_acknowledged(context_.now());
  const bool sent_lines = in_flight_.sent_lines();
  perform(connection_.ended(ending, sent_lines, moment()), &ending);
}

void StreamDriver::perform(const stream::Actions& actions, const stream::Ending* ending) {
  if (actions.close) {
    note_acknowledged(context_.now());
    transport_->close();
  }
  if (actions.close || ending != nullptr) account_for_lines(actions, ending);
  const TimePoint deadline = connection_.deadline();
  report_stream(context_.intake, stream_, name_, actions, ending,
                deadline == kNever ? Duration::max() : deadline - context_.now());
  const bool plot_lost = actions.closed &&
                         actions.closed->reason == stream::CloseReason::kRefused &&
                         actions.closed->ending.status == kPlotLostToken;
  if (plot_lost && context_.plot_lost) context_.plot_lost(stream_);
  if (actions.dial) {
    context_.intake.update(stream_, [](StreamStatus& status) { ++status.opens; });
    if (bisect_.active()) bisect_.advance_to(context_.intake.front_number(stream_));
    transport_->open();
  }
  if (actions.probe) transport_->probe();
  if (actions.heartbeat) {
    heartbeat_due_ = true;
    transport_->resume();
  }
  if (actions.finish) transport_->resume();
  wait_for_deadline();
}

// A connection is gone: which of its lines have arrived, which go again, which one is bad.
void StreamDriver::account_for_lines(const stream::Actions& actions, const stream::Ending* ending) {
  const auto reason = actions.closed ? std::optional(actions.closed->reason) : std::nullopt;
  const bool refused = reason == CloseReason::kBadData && in_flight_.lines() > 0;
  const bool asked = bisect_.active();
  // What the endpoint was asked about counts by its answer alone.
  const bool ended_well = asked && reason == CloseReason::kDone;
  const bool answered = ended_well && (ending != nullptr || bisect_.unanswered());
  if (!refused && (!asked || answered) && !took_nothing(ending)) {
    context_.intake.release(stream_, in_flight_.take_acknowledged());
  }
  const auto again =
      context_.intake.send_again(stream_, [&](std::uint64_t front, std::size_t lines) {
        if (!refused) return false;
        const auto verdict = asked ? bisect_.refused() : bisect_.begin(front, front + lines);
        return verdict == Bisect::Verdict::kCulprit;
      });
  if (answered && again.lines == 0) bisect_.taken();
  if (again.refused) put_aside(*again.refused, actions.closed->ending);
  in_flight_.clear();
  offset_ = 0;
  send_at_ = ask_at_ = kNever;
  heartbeat_due_ = false;
}

bool StreamDriver::took_nothing(const stream::Ending* ending) const {
  return ending != nullptr && ending->how == stream::Ending::How::kStatus &&
         ending->status >= 300 && context_.now() - connected_at_ < kRequestRefusedWithin;
}

void StreamDriver::put_aside(std::string_view line, const stream::Ending& refusal) {
  const RefusedLine refused{name_, stream::describe(refusal), line, wall_now()};
  report_refused_line(context_.intake, stream_, refused);
  context_.put_aside(refused);
}

void StreamDriver::note_acknowledged(TimePoint now) {
  const std::int64_t bytes = transport_->acknowledged_bytes();
  // Unknown: counted as arrived when it was handed over.
  in_flight_.acknowledged(bytes >= 0 ? bytes : std::numeric_limits<std::int64_t>::max(), now);
  // While a bad line is looked for, only the answer counts.
  if (bisect_.active()) return;
  const bool early = now - connected_at_ < kRequestRefusedWithin;
  const auto& kept = early ? stream::InFlight::kKeptEarly : stream::InFlight::kKept;
  if (const std::size_t lines = in_flight_.take_settled(now, kept)) {
    context_.intake.release(stream_, lines);
  }
}

void StreamDriver::wait_for_deadline() {
  const TimePoint next = std::min(connection_.deadline(), send_at_);
  if (next != kNever) context_.schedule(stream_, next);
}

stream::Moment StreamDriver::moment() {
  const double random = std::uniform_real_distribution<double>(0, 1)(context_.random);
  return {context_.now(), random, context_.origin};
}

}  // namespace plotbridge::app
