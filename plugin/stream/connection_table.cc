#include "plugin/stream/connection_table.h"

namespace plotbridge::stream {
namespace {

using S = State;
using T = Trigger;
using E = Effect;
using W = Timer;

// clang-format off
constexpr Row kRows[] = {
    // from          on               to              effect       timer
    {S::kIdle,       T::kOpen,        S::kConnecting, E::kDial,    W::kDialTimeout},

    {S::kConnecting, T::kConnected,   S::kProbation,  E::kNothing, W::kProbationEnd},
    {S::kConnecting, T::kDeadline,    S::kWaiting,    E::kClose,   W::kBackoff},
    {S::kConnecting, T::kEvicted,     S::kStandby,    E::kNothing, W::kHold},
    {S::kConnecting, T::kRefused,     S::kParked,     E::kNothing, W::kParkedRetry},
    {S::kConnecting, T::kBadData,     S::kWaiting,    E::kNothing, W::kBadDataBackoff},
    {S::kConnecting, T::kLimited,     S::kWaiting,    E::kNothing, W::kRetryAfter},
    {S::kConnecting, T::kIdleClose,   S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kConnecting, T::kRestart,     S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kConnecting, T::kSuspect,     S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kConnecting, T::kNetwork,     S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kConnecting, T::kDrain,       S::kIdle,       E::kClose,   W::kNone},

    {S::kProbation,  T::kDeadline,    S::kLive,       E::kNothing, W::kStable},
    {S::kProbation,  T::kDone,        S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kProbation,  T::kEvicted,     S::kStandby,    E::kNothing, W::kHold},
    {S::kProbation,  T::kRefused,     S::kParked,     E::kNothing, W::kParkedRetry},
    {S::kProbation,  T::kBadData,     S::kWaiting,    E::kNothing, W::kBadDataBackoff},
    {S::kProbation,  T::kLimited,     S::kWaiting,    E::kNothing, W::kRetryAfter},
    {S::kProbation,  T::kIdleClose,   S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kProbation,  T::kRestart,     S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kProbation,  T::kUnexplained, S::kWaiting,    E::kNothing, W::kLookAround},
    {S::kProbation,  T::kNetwork,     S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kProbation,  T::kRoundOff,    S::kDraining,   E::kFinish,  W::kDrainTimeout},
    {S::kProbation,  T::kDrain,       S::kDraining,   E::kFinish,  W::kDrainTimeout},

    {S::kLive,       T::kDeadline,    S::kLive,       E::kForget,  W::kNone},
    {S::kLive,       T::kDone,        S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kLive,       T::kEvicted,     S::kStandby,    E::kNothing, W::kHold},
    {S::kLive,       T::kRefused,     S::kParked,     E::kNothing, W::kParkedRetry},
    {S::kLive,       T::kBadData,     S::kWaiting,    E::kNothing, W::kBadDataBackoff},
    {S::kLive,       T::kLimited,     S::kWaiting,    E::kNothing, W::kRetryAfter},
    {S::kLive,       T::kIdleClose,   S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kLive,       T::kRestart,     S::kWaiting,    E::kNothing, W::kSpread},
    {S::kLive,       T::kUnexplained, S::kWaiting,    E::kNothing, W::kLookAround},
    {S::kLive,       T::kNetwork,     S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kLive,       T::kRoundOff,    S::kDraining,   E::kFinish,  W::kDrainTimeout},
    {S::kLive,       T::kDrain,       S::kDraining,   E::kFinish,  W::kDrainTimeout},

    // The program ends. (A connection that is only rounded off follows the rows of a live one.)
    {S::kDraining,   T::kDeadline,    S::kIdle,       E::kClose,   W::kNone},
    {S::kDraining,   T::kDone,        S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kEvicted,     S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kRefused,     S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kBadData,     S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kLimited,     S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kIdleClose,   S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kRestart,     S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kUnexplained, S::kIdle,       E::kNothing, W::kNone},
    {S::kDraining,   T::kNetwork,     S::kIdle,       E::kNothing, W::kNone},

    {S::kWaiting,    T::kDeadline,    S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kWaiting,    T::kEvicted,     S::kStandby,    E::kNothing, W::kHold},
    {S::kWaiting,    T::kRestart,     S::kWaiting,    E::kNothing, W::kSpread},
    {S::kWaiting,    T::kSuspect,     S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kWaiting,    T::kNetwork,     S::kWaiting,    E::kNothing, W::kBackoff},
    {S::kWaiting,    T::kAlone,       S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kWaiting,    T::kAloneAgain,  S::kConnecting, E::kProbe,   W::kDialTimeout},
    {S::kWaiting,    T::kDrain,       S::kIdle,       E::kNothing, W::kNone},

    {S::kStandby,    T::kDeadline,    S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kStandby,    T::kOpen,        S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kStandby,    T::kDrain,       S::kIdle,       E::kNothing, W::kNone},

    {S::kParked,     T::kDeadline,    S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kParked,     T::kOpen,        S::kConnecting, E::kDial,    W::kDialTimeout},
    {S::kParked,     T::kDrain,       S::kIdle,       E::kNothing, W::kNone},
};
// clang-format on

}  // namespace

std::span<const Row> connection_table() { return kRows; }

const Row* find_row(State from, Trigger on) {
  for (const Row& row : kRows) {
    if (row.from == from && row.on == on) return &row;
  }
  return nullptr;
}

Trigger to_trigger(CloseReason reason) {
  switch (reason) {
    case CloseReason::kDone:
      return Trigger::kDone;
    case CloseReason::kEvicted:
      return Trigger::kEvicted;
    case CloseReason::kRefused:
      return Trigger::kRefused;
    case CloseReason::kBadData:
      return Trigger::kBadData;
    case CloseReason::kLimited:
      return Trigger::kLimited;
    case CloseReason::kIdle:
      return Trigger::kIdleClose;
    case CloseReason::kRestart:
      return Trigger::kRestart;
    case CloseReason::kSuspect:
      return Trigger::kSuspect;
    case CloseReason::kNetwork:
      return Trigger::kNetwork;
  }
  return Trigger::kNetwork;
}

std::string_view to_text(State state) {
  switch (state) {
    case State::kIdle:
      return "idle";
    case State::kConnecting:
      return "connecting";
    case State::kProbation:
      return "probation";
    case State::kLive:
      return "live";
    case State::kDraining:
      return "draining";
    case State::kWaiting:
      return "waiting";
    case State::kStandby:
      return "standby";
    case State::kParked:
      return "parked";
  }
  return "idle";
}

}  // namespace plotbridge::stream
