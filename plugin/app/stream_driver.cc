#include "plugin/app/stream_driver.h"

#include "plugin/app/clock.h"
#include "plugin/base/log.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace plotbridge::app {

using stream::CloseReason;
using stream::State;

namespace {

const stream::Ending kTimedOut{stream::Ending::How::kTimeout, 0, std::nullopt, {}};

}  // namespace

StreamDriver::StreamDriver(StreamDriverContext& context, std::size_t stream, std::string name,
                           http::CurlTransportOptions transport, TimePoint now)
    : context_(context),
      stream_(stream),
      name_(std::move(name)),
      transport_options_(std::move(transport)),
      connection_(context.connection, now),
      transport_(context.reactor, transport_options_, *this) {}

void StreamDriver::open(TimePoint now) { perform(connection_.open(now, random()), nullptr); }

void StreamDriver::drain(TimePoint now) { perform(connection_.drain(now, random()), nullptr); }

void StreamDriver::lines_queued() {
  if (connection_.may_send() && send_at_ == kNever) transport_.resume();
}

void StreamDriver::turn(TimePoint now) {
  if (now >= send_at_) {
    send_at_ = kNever;
    transport_.resume();
  }
  if (now >= connection_.deadline()) {
    perform(connection_.deadline_reached(now, random()), nullptr);
  } else {
    wait_for_deadline();
  }
}

void StreamDriver::on_connected() {
  const TimePoint now = steady_now();
  perform(connection_.connected(now, random()), nullptr);
}

std::size_t StreamDriver::fill(std::span<char> room) {
  const TimePoint now = steady_now();
  Intake::Filled filled = context_.intake.fill(stream_, room, offset_, now);
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
    release_acknowledged();
  } else if (draining_ && send_at_ == kNever) {
    transport_.finish();
  }
  return filled.bytes;
}

void StreamDriver::on_ended(const stream::Ending& ending) {
  const TimePoint now = steady_now();
  release_acknowledged();
  perform(connection_.ended(ending, now, random()), &ending);
}

void StreamDriver::perform(const stream::Actions& actions, const stream::Ending* ending) {
  if (actions.close) transport_.close();
  if (actions.close || ending != nullptr) {
    const bool refused_lines =
        actions.transition && actions.transition->reason == CloseReason::kBadData;
    // The same lines again would end the next connection too.
    if (refused_lines) {
      context_.intake.give_up(stream_);
    } else {
      context_.intake.send_again(stream_);
    }
    in_flight_.clear();
    offset_ = 0;
    send_at_ = kNever;
    heartbeat_due_ = false;
  }
  if (actions.transition) report(*actions.transition, ending != nullptr ? *ending : kTimedOut);
  if (actions.dial) {
    context_.intake.update(stream_, [](StreamStatus& status) { ++status.opens; });
    transport_.open();
  }
  if (actions.heartbeat) {
    heartbeat_due_ = true;
    transport_.resume();
  }
  if (actions.finish) {
    draining_ = true;
    transport_.resume();
  }
  wait_for_deadline();
}

void StreamDriver::report(const stream::Actions::Transition& transition,
                          const stream::Ending& ending) {
  const WallTime at = wall_now();
  const auto reason = transition.reason;
  context_.intake.update(stream_, [&](StreamStatus& status) {
    status.state = transition.to;
    status.since = at;
    if (!reason) return;
    ++status.closes[static_cast<std::size_t>(*reason)];
    status.last_close = {*reason, stream::describe(ending), at};
  });
  const auto from = stream::to_text(transition.from);
  const auto to = stream::to_text(transition.to);
  if (!reason) {
    log::info("stream changed", {{"stream", name_}, {"from", from}, {"to", to}});
    return;
  }
  const bool wanted = transition.to == State::kIdle;  // the answer to our own end
  const auto level = wanted ? log::Level::kInfo : log::Level::kWarning;
  const std::string why = std::string(stream::to_text(*reason)) + ": " + stream::describe(ending);
  const auto advice = stream::advice(*reason, ending);
  if (wanted || advice.empty()) {
    log::write(level, "stream changed",
               {{"stream", name_}, {"from", from}, {"to", to}, {"why", why}});
  } else {
    log::write(level, "stream changed",
               {{"stream", name_}, {"from", from}, {"to", to}, {"why", why}, {"do", advice}});
  }
}

void StreamDriver::release_acknowledged() {
  const std::int64_t bytes = transport_.acknowledged_bytes();
  // Unknown: counted as arrived when it was handed over.
  const std::size_t lines =
      in_flight_.acknowledged(bytes >= 0 ? bytes : std::numeric_limits<std::int64_t>::max());
  if (lines > 0) context_.intake.release(stream_, lines);
}

void StreamDriver::wait_for_deadline() {
  const TimePoint next = std::min(connection_.deadline(), send_at_);
  if (next != kNever) context_.schedule(stream_, next);
}

double StreamDriver::random() {
  return std::uniform_real_distribution<double>(0, 1)(context_.random);
}

}  // namespace plotbridge::app
