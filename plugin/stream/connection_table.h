// The rows of the connection's state machine: state and trigger to the next state, what to do and
// which timer to start. A pair that has no row changes nothing. Leaves to others: carrying it out
// (connection). Pure.
#pragma once

#include "plugin/stream/close_reason.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace plotbridge::stream {

enum class State : std::uint8_t {
  kIdle,        // not wanted: before the start and after the drain
  kConnecting,  // dialled, not through yet
  kProbation,   // through; lines go, but it has to last before it counts
  kLive,        // lasting
  kDraining,    // the body is ended, the answer awaited
  kWaiting,     // will decide or dial when the delay is over
  kStandby,     // another client has this token; will try to take it back when the hold is over
  kParked,      // refused; asks again from time to time
};

enum class Trigger : std::uint8_t {
  kOpen,
  kConnected,
  kDeadline,
  kDrain,
  kRoundOff,  // what is on this connection is to be answered for before more is sent
  // A connection or attempt ended, by reason.
  kDone,
  kEvicted,
  kRefused,
  kBadData,
  kLimited,
  kIdleClose,
  kRestart,
  kSuspect,
  kNetwork,
  // It ended without a reason that is known by now.
  kUnexplained,  // the siblings will tell
  kAlone,        // no sibling can tell: the next dial will
  kAloneAgain,   // the same, and one suspect more would confirm a rival: ask without taking over
};

enum class Timer : std::uint8_t {
  kNone,  // nothing more to wait for in this state
  kDialTimeout,
  kProbationEnd,
  kStable,  // after it the failures before are forgotten
  kBackoff,
  kBadDataBackoff,
  kSpread,      // over the streams of the endpoint
  kLookAround,  // until it is clear how the siblings fare
  kRetryAfter,  // as the endpoint asked, within limits
  kHold,
  kParkedRetry,
  kDrainTimeout,
};

enum class Effect : std::uint8_t {
  kNothing,
  kDial,
  kProbe,
  kClose,
  kFinish,
  kForget,  // failures before this count no more
};

struct Row {
  State from;
  Trigger on;
  State to;
  Effect effect;
  Timer timer;
};

std::span<const Row> connection_table();
/// The row of this pair, or nullptr.
const Row* find_row(State from, Trigger on);

Trigger to_trigger(CloseReason reason);
/// The word for logs, metrics and /status: "idle", "connecting", ...
std::string_view to_text(State state);

inline constexpr State kAllStates[] = {State::kIdle,    State::kConnecting, State::kProbation,
                                       State::kLive,    State::kDraining,   State::kWaiting,
                                       State::kStandby, State::kParked};

}  // namespace plotbridge::stream
