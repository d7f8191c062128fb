#include "plugin/app/streamer.h"

#include "plugin/app/clock.h"
#include "plugin/app/version.h"
#include "plugin/base/log.h"

#include <algorithm>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// Below this rate a line wakes the loop and goes at once; above it the loop looks on a tick of its
// own, because a wake-up a message costs more than the message.
constexpr double kWakeableBelow = 4'000;  // lines a second
constexpr double kSlowTickAbove = 30'000;
constexpr Duration kTick = 2ms;
constexpr Duration kSlowTick = 10ms;
constexpr Duration kLogInterval = 10s;

}  // namespace

Streamer::Streamer(Options options, const std::vector<config::Stream>& streams)
    : intake_(streams, options.memory),
      random_(std::random_device{}()),
      context_{intake_,
               loop_.reactor(),
               random_,
               {options.heartbeat},
               [this](std::size_t stream, TimePoint at) { schedule(stream, at); }},
      scheduled_(streams.size(), kNever),
      last_turn_(steady_now()),
      loss_log_(kLogInterval) {
  const std::string user_agent = "plotbridge/" + std::string(version());
  drivers_.reserve(streams.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    drivers_.push_back(std::make_unique<StreamDriver>(
        context_, i, streams[i].name,
        http::CurlTransportOptions{options.endpoint_url, user_agent, streams[i].token, options.tls,
                                   options.proxy},
        last_turn_));
  }
}

Streamer::~Streamer() {
  if (thread_.joinable()) drain(0s);
}

void Streamer::start() {
  thread_ = std::thread([this] {
    for (const auto& driver : drivers_) driver->open(steady_now());
    loop_.run([this](TimePoint now) { return turn(now); });
    for (const auto& driver : drivers_) driver->abandon();
  });
}

void Streamer::push(std::size_t stream, std::string_view line, TimePoint received) {
  if (const auto lost = intake_.push(stream, line, received)) report_loss(stream, *lost, received);
  pushed_.fetch_add(1, std::memory_order_relaxed);
  loop_.wake();
}

void Streamer::report_loss(std::size_t stream, Discarded why, TimePoint now) {
  const std::string& name = drivers_[stream]->name();
  const auto held_back = loss_log_.admit(name, now);
  if (!held_back) return;
  const bool too_large = why == Discarded::kTooLarge;
  log::warning(
      "lines dropped",
      {{"stream", name},
       {"why", too_large ? "the line is larger than 1 MiB"
                         : "the queue, or the memory of all queues, is full"},
       {"do", too_large ? "let the route's point write less"
                        : "see why the endpoint does not take them, or raise queue.capacity "
                          "or memory"},
       {"more_since_last_line", *held_back}});
}

std::size_t Streamer::drain(Duration timeout) {
  drain_wanted_ = true;
  loop_.wake();
  {
    std::unique_lock lock(idle_mutex_);
    idle_changed_.wait_for(lock, timeout, [this] { return all_idle_; });
  }
  loop_.stop();
  thread_.join();
  return intake_.discard_rest();
}

http::CurlLoop::Rest Streamer::turn(TimePoint now) {
  if (drain_wanted_ && !draining_) drain_all(now);
  intake_.take_dirty(dirty_);
  for (const std::size_t stream : dirty_) drivers_[stream]->lines_queued();
  run_due(now);
  if (draining_) {
    const bool idle = std::all_of(drivers_.begin(), drivers_.end(),
                                  [](const auto& driver) { return driver->idle(); });
    if (idle) {
      const std::lock_guard lock(idle_mutex_);
      all_idle_ = true;
      idle_changed_.notify_all();
    }
  }
  return rest_after(dirty_.size(), now);
}

void Streamer::schedule(std::size_t stream, TimePoint at) {
  if (at >= scheduled_[stream]) return;
  scheduled_[stream] = at;
  due_.push({at, stream});
}

void Streamer::run_due(TimePoint now) {
  now_due_.clear();
  while (!due_.empty() && due_.top().at <= now) {
    const Due due = due_.top();
    due_.pop();
    if (scheduled_[due.stream] != due.at) continue;  // an earlier one took its place
    scheduled_[due.stream] = kNever;
    now_due_.push_back(due.stream);
  }
  // Apart from the loop above, so that a stream that is due again at once cannot hold it.
  for (const std::size_t stream : now_due_) drivers_[stream]->turn(now);
}

http::CurlLoop::Rest Streamer::rest_after(std::size_t busy_streams, TimePoint now) {
  const std::uint64_t pushed = pushed_.load(std::memory_order_relaxed);
  const double seconds = std::max(1e-6, std::chrono::duration<double>(now - last_turn_).count());
  const double rate = static_cast<double>(pushed - seen_) / seconds;
  http::CurlLoop::Rest rest;
  rest.until = due_.empty() ? kNever : due_.top().at;
  if (busy_streams > 0 && seconds >= 1e-4) {
    if (rate > kWakeableBelow) {
      rest.wakeable = false;
      rest.until = std::min(rest.until, now + (rate > kSlowTickAbove ? kSlowTick : kTick));
    }
    seen_ = pushed;
    last_turn_ = now;
  }
  return rest;
}

void Streamer::drain_all(TimePoint now) {
  draining_ = true;
  for (const auto& driver : drivers_) driver->drain(now);
}

}  // namespace plotbridge::app
