#include "plugin/stream/connection.h"

#include <algorithm>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDialTimeout = 10s;
// A rival that reconnects at once takes the token back within this time.
constexpr Duration kProbation = 10s;
constexpr Duration kStableAfter = 60s;
constexpr Backoff::Policy kRedial{500ms, 30s};
// The hold before a token is taken back grows fourfold to an hour, so that two clients that both
// want it change hands a few times an hour instead of thousands.
constexpr Backoff::Policy kHold{30s, 1h, 4};
constexpr Duration kParkedRetry = 15min;
constexpr Duration kRetryAfterLeast = 1s;
constexpr Duration kRetryAfterMost = 15min;
// The whole program has 5 s to stop.
constexpr Duration kDrainTimeout = 4s;

}  // namespace

Connection::Connection(Options options, TimePoint now)
    : options_(options),
      since_(now),
      last_write_(now),
      last_heartbeat_(now),
      backoff_(kRedial),
      hold_(kHold) {}

Actions Connection::open(TimePoint now, double random) {
  return apply(Trigger::kOpen, now, random);
}

Actions Connection::connected(TimePoint now, double random) {
  last_write_ = now;
  return apply(Trigger::kConnected, now, random);
}

Actions Connection::ended(const Ending& ending, TimePoint now, double random) {
  const CloseReason reason = classify(ending, now - last_write_, state_ == State::kDraining);
  Actions actions = apply(to_trigger(reason), now, random, ending.retry_after);
  if (actions.transition) actions.transition->reason = reason;
  return actions;
}

Actions Connection::deadline_reached(TimePoint now, double random) {
  if (now >= state_deadline_) {
    Actions actions = apply(Trigger::kDeadline, now, random);
    if (actions.close && actions.transition) actions.transition->reason = CloseReason::kNetwork;
    return actions;
  }
  Actions actions;
  actions.heartbeat = may_send() && now >= heartbeat_deadline();
  if (actions.heartbeat) last_heartbeat_ = now;
  return actions;
}

Actions Connection::drain(TimePoint now, double random) {
  return apply(Trigger::kDrain, now, random);
}

void Connection::wrote(TimePoint now) { last_write_ = now; }

TimePoint Connection::deadline() const {
  return may_send() ? std::min(state_deadline_, heartbeat_deadline()) : state_deadline_;
}

TimePoint Connection::heartbeat_deadline() const {
  // One that was asked for and cannot be written, because the peer does not read, is not asked for
  // at once again.
  return std::max(last_write_, last_heartbeat_) + options_.heartbeat;
}

Actions Connection::apply(Trigger trigger, TimePoint now, double random,
                          std::optional<Duration> retry_after) {
  Actions actions;
  const Row* row = find_row(state_, trigger);
  if (row == nullptr) return actions;
  switch (row->effect) {
    case Effect::kNothing:
      break;
    case Effect::kDial:
      actions.dial = true;
      break;
    case Effect::kClose:
      actions.close = true;
      break;
    case Effect::kFinish:
      actions.finish = true;
      break;
    case Effect::kForget:
      backoff_.reset();
      break;
  }
  arm(row->timer, now, random, retry_after);
  if (row->to != state_) {
    actions.transition = Actions::Transition{state_, row->to, std::nullopt};
    state_ = row->to;
    since_ = now;
  }
  return actions;
}

void Connection::arm(Timer timer, TimePoint now, double random,
                     std::optional<Duration> retry_after) {
  switch (timer) {
    case Timer::kNone:
      state_deadline_ = kNever;
      break;
    case Timer::kDialTimeout:
      state_deadline_ = now + kDialTimeout;
      break;
    case Timer::kProbationEnd:
      state_deadline_ = now + kProbation;
      break;
    case Timer::kStable:
      state_deadline_ = now + kStableAfter;
      break;
    case Timer::kBackoff:
      state_deadline_ = now + backoff_.next(random);
      break;
    case Timer::kRetryAfter:
      state_deadline_ =
          now + (retry_after ? std::clamp(*retry_after, kRetryAfterLeast, kRetryAfterMost)
                             : backoff_.next(random));
      break;
    case Timer::kHold:
      state_deadline_ = now + hold_.next(random);
      break;
    case Timer::kParkedRetry: {
      // Spread by a fifth either way, so that a fleet does not ask in one voice.
      const auto spread = static_cast<double>(kParkedRetry.count()) * (0.8 + 0.4 * random);
      state_deadline_ = now + Duration(static_cast<Duration::rep>(spread));
      break;
    }
    case Timer::kDrainTimeout:
      state_deadline_ = now + kDrainTimeout;
      break;
  }
}

}  // namespace plotbridge::stream
