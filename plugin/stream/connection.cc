#include "plugin/stream/connection.h"

#include <algorithm>
#include <utility>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

// The transport gives up after 10 s and can say why; this is for one that does not.
constexpr Duration kDialTimeout = 12s;
// A rival that reconnects at once takes the token back within this time.
constexpr Duration kProbation = 10s;
constexpr Duration kStableAfter = 60s;
constexpr Backoff::Policy kRedial{500ms, 30s};
// The search for a bad line takes a few connections; one that finds no end slows down.
constexpr Backoff::Policy kAfterBadData{200ms, 30s};
constexpr Duration kSearchLeast = 100ms;
constexpr Duration kSearchMost = 200ms;
// The streams of an endpoint that restarts close within this time of each other.
constexpr Duration kLookAround = 2s;
// With nobody to compare with, an endpoint that is still there takes the next dial at once.
constexpr Duration kLookAloneLeast = 100ms;
constexpr Duration kLookAloneMost = 300ms;
constexpr Duration kAcceptedAtOnce = 1s;
constexpr const char* kAcceptedLate = "and it took the endpoint a while to accept the next dial";
constexpr Duration kParkedRetry = 15min;
constexpr Duration kRetryAfterLeast = 1s;
constexpr Duration kRetryAfterMost = 15min;
// The whole program has 5 s to stop.
constexpr Duration kDrainTimeout = 4s;

// The endpoint has just answered, and waits: no reason to come later.
bool follows_an_answer(Trigger trigger) {
  return trigger == Trigger::kOpen || trigger == Trigger::kDone;
}

Duration between(Duration least, Duration most, double random) {
  return least + scaled(most - least, random);
}

Ending no_answer() { return {Ending::How::kTimeout, 0, std::nullopt, {}}; }

std::string evidence(const Circumstances& around) {
  switch (around.siblings.value_or(Siblings::kNone)) {
    case Siblings::kMostClosed:
      return "most streams of the endpoint closed with it";
    case Siblings::kMostAgain:
      return "with most streams of the endpoint, again, though it could be reached all along: "
             "another bridge with the same tokens?";
    case Siblings::kStayUp:
      return "while the endpoint and its other streams stayed up";
    case Siblings::kNone:
      break;
  }
  return "while the endpoint could be reached";
}

}  // namespace

Connection::Connection(Options options, TimePoint now)
    : options_(options),
      since_(now),
      connected_at_(now),
      last_write_(now),
      last_heartbeat_(now),
      backoff_(kRedial),
      bad_data_backoff_(kAfterBadData),
      rival_(options.contest) {}

Actions Connection::open(const Moment& at) {
  if (stopping_) return {};
  return apply(Trigger::kOpen, at);
}

Actions Connection::connected(const Moment& at) {
  const bool at_once = at.now - since_ <= kAcceptedAtOnce;
  last_write_ = connected_at_ = at.now;
  at.origin.opened();
  Actions actions = apply(Trigger::kConnected, at);
  if (unexplained_) {
    // Alone: one that accepts at once was there all the time.
    if (at_once) rival_.suspect(unexplained_->at, unexplained_->around.lasted);
    actions.closed = {at_once ? CloseReason::kSuspect : CloseReason::kRestart, unexplained_->ending,
                      at_once ? evidence(unexplained_->around) : kAcceptedLate};
    unexplained_.reset();
  }
  return actions;
}

Actions Connection::ended(const Ending& ending, bool sent_lines, const Moment& at) {
  if (ending.names_evictions) at.origin.says_when_it_evicts();
  retry_after_ = ending.retry_after;
  if (state_ == State::kConnecting) return attempt_ended(ending, at);
  if (!may_send() && state_ != State::kDraining) return {};

  Unexplained what{ending, {}, at.now};
  what.around.silent = at.now - last_write_;
  what.around.lasted = at.now - connected_at_;
  what.around.finished = state_ == State::kDraining;
  what.around.sent_lines = sent_lines;
  what.around.may_evict_silently = at.origin.evicts_silently();
  rival_.lasted(what.around.lasted);

  const auto reason = classify(ending, what.around);
  const bool like_a_restart =
      !reason || *reason == CloseReason::kRestart || *reason == CloseReason::kNetwork;
  at.origin.closed(connected_at_, at.now, like_a_restart);
  if (reason) return conclude(*reason, what, at);
  if (stopping_) return conclude(CloseReason::kNetwork, what, at);

  what.around.siblings = at.origin.siblings(at.now);
  unexplained_ = std::move(what);
  return apply(Trigger::kUnexplained, at);
}

Actions Connection::attempt_ended(const Ending& ending, const Moment& at) {
  if (ending.how == Ending::How::kReached) {
    if (!unexplained_) return apply(Trigger::kSuspect, at);  // no reason left to hold back
    const bool at_once = at.now - since_ <= kAcceptedAtOnce;
    return conclude(at_once ? CloseReason::kSuspect : CloseReason::kRestart,
                    *std::exchange(unexplained_, {}), at,
                    at_once ? "again, while the endpoint could be reached" : kAcceptedLate);
  }
  at.origin.unreachable();
  Circumstances around;
  around.was_open = false;
  const CloseReason reason = classify(ending, around).value_or(CloseReason::kNetwork);
  Actions actions = apply(to_trigger(reason), at);
  if (unexplained_) {
    actions.closed = {CloseReason::kRestart, unexplained_->ending, describe(ending)};
    unexplained_.reset();
  } else {
    actions.closed = {reason, ending, {}};
  }
  return actions;
}

Actions Connection::deadline_reached(const Moment& at) {
  if (at.now < state_deadline_) {
    Actions actions;
    actions.heartbeat = may_send() && at.now >= heartbeat_deadline();
    if (actions.heartbeat) last_heartbeat_ = at.now;
    return actions;
  }
  if (has_place_) return apply(at_place_, at);
  switch (state_) {
    case State::kWaiting:
      return unexplained_ ? look_around(at) : apply(Trigger::kDeadline, at);
    case State::kConnecting: {
      Actions actions = attempt_ended(no_answer(), at);
      actions.close = true;
      return actions;
    }
    case State::kDraining: {
      // It had time to refuse what it got.
      const bool open_again = !stopping_;
      Actions actions = apply(open_again ? Trigger::kDone : Trigger::kDeadline, at);
      actions.close = true;
      actions.closed = {open_again ? CloseReason::kDone : CloseReason::kNetwork, no_answer(), {}};
      at.origin.closed(connected_at_, at.now, false);
      return actions;
    }
    case State::kIdle:
    case State::kProbation:
    case State::kLive:
    case State::kStandby:
    case State::kParked:
      break;
  }
  return apply(Trigger::kDeadline, at);
}

Actions Connection::look_around(const Moment& at) {
  unexplained_->around.siblings = at.origin.siblings(unexplained_->at);
  if (const auto reason = classify(unexplained_->ending, unexplained_->around)) {
    const Unexplained what = *std::exchange(unexplained_, {});
    return conclude(*reason, what, at, evidence(what.around));
  }
  const bool again = rival_.would_confirm(at.now, unexplained_->around.lasted);
  return apply(again ? Trigger::kAloneAgain : Trigger::kAlone, at);
}

Actions Connection::conclude(CloseReason reason, const Unexplained& what, const Moment& at,
                             std::string because) {
  if (what.around.siblings == Siblings::kMostClosed) {
    doubtful_restart_ = what.at;
  } else if (what.around.siblings == Siblings::kMostAgain && doubtful_restart_) {
    rival_.suspect(*std::exchange(doubtful_restart_, {}), what.around.lasted);
  }
  if (reason == CloseReason::kSuspect && rival_.suspect(what.at, what.around.lasted)) {
    reason = CloseReason::kEvicted;
  }
  Actions actions = apply(to_trigger(reason), at);
  actions.closed = {reason, what.ending, std::move(because)};
  return actions;
}

Actions Connection::round_off(const Moment& at) { return apply(Trigger::kRoundOff, at); }

Actions Connection::drain(const Moment& at) {
  stopping_ = true;
  has_place_ = false;
  Actions actions = apply(Trigger::kDrain, at);
  if (unexplained_) {
    actions.closed = {CloseReason::kNetwork, unexplained_->ending, {}};
    unexplained_.reset();
  }
  return actions;
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

Actions Connection::apply(Trigger trigger, const Moment& at) {
  const bool rounded_off = state_ == State::kDraining && !stopping_;
  const Row* row = find_row(rounded_off ? State::kLive : state_, trigger);
  if (row == nullptr) return {};
  if (trigger == Trigger::kDone) bad_data_backoff_.reset();
  Actions actions;
  switch (row->effect) {
    case Effect::kNothing:
      break;
    case Effect::kDial:
    case Effect::kProbe: {
      const bool probe = row->effect == Effect::kProbe;
      if (!follows_an_answer(trigger) && !has_place_) {
        const TimePoint place = at.origin.next_dial(at.now, at.random);
        if (place > at.now) {
          has_place_ = true;
          at_place_ = probe ? trigger : Trigger::kDeadline;
          const bool stays = state_ == State::kStandby || state_ == State::kParked;
          if (!stays) enter(State::kWaiting, actions, at.now);
          state_deadline_ = place;
          return actions;
        }
      }
      has_place_ = false;
      (probe ? actions.probe : actions.dial) = true;
      break;
    }
    case Effect::kClose:
      actions.close = true;
      break;
    case Effect::kFinish:
      actions.finish = true;
      break;
    case Effect::kForget:
      backoff_.reset();
      bad_data_backoff_.reset();
      break;
  }
  arm(row->timer, at);
  enter(row->to, actions, at.now);
  return actions;
}

void Connection::enter(State to, Actions& actions, TimePoint now) {
  if (to == state_) return;
  actions.transition = Actions::Transition{state_, to};
  state_ = to;
  since_ = now;
}

void Connection::arm(Timer timer, const Moment& at) {
  const auto after = [&](Duration delay) { state_deadline_ = at.now + delay; };
  switch (timer) {
    case Timer::kNone:
      state_deadline_ = kNever;
      break;
    case Timer::kDialTimeout:
      after(kDialTimeout);
      break;
    case Timer::kProbationEnd:
      after(kProbation);
      break;
    case Timer::kStable:
      after(kStableAfter);
      break;
    case Timer::kBackoff:
      after(backoff_.next(at.random));
      break;
    case Timer::kBadDataBackoff:
      after(searches_bad_line_ ? between(kSearchLeast, kSearchMost, at.random)
                               : bad_data_backoff_.next(at.random));
      break;
    case Timer::kSpread:
      after(at.origin.spread(at.random));
      break;
    case Timer::kLookAround:
      after(unexplained_->around.siblings == Siblings::kNone
                ? between(kLookAloneLeast, kLookAloneMost, at.random)
                : kLookAround);
      break;
    case Timer::kRetryAfter:
      after(retry_after_ ? std::clamp(*retry_after_, kRetryAfterLeast, kRetryAfterMost)
                         : backoff_.next(at.random));
      break;
    case Timer::kHold:
      if (const auto hold = rival_.hold(at.now, at.random)) {
        after(*hold);
      } else {
        state_deadline_ = kNever;
      }
      break;
    case Timer::kParkedRetry:
      // Spread by a fifth either way, so that a fleet does not ask in one voice.
      after(between(kParkedRetry * 4 / 5, kParkedRetry * 6 / 5, at.random));
      break;
    case Timer::kDrainTimeout:
      after(kDrainTimeout);
      break;
  }
}

}  // namespace plotbridge::stream
