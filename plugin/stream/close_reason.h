// Why a connection ended, decided in one place. Leaves to others: what to do about it (connection).
// Pure; any thread.
#pragma once

#include "plugin/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::stream {

/// What the transport saw at the end of one connection or attempt.
struct Ending {
  enum class How {
    kStatus,   // a final status line
    kFin,      // the other side closed without a word
    kReset,    // the connection broke
    kNoReach,  // connecting failed: refused, no route, no such name, TLS
    kTimeout,  // nothing within the time allowed
    kReached,  // a probe got through to the endpoint, and went away again without a request
  };
  How how = How::kFin;
  int status = 0;                       // kStatus
  std::optional<Duration> retry_after;  // the answer's Retry-After
  /// The transport's own words for a person: errno text, certificate problem, start of the answer's
  /// body.
  std::string detail;
  std::string location{};        // the answer's Location, without credentials and query
  bool names_evictions = false;  // the answer had a Stream-* header
};

enum class CloseReason {
  kDone,     // the answer to our own end
  kEvicted,  // a newer connection of this token took its place: 409, 423
  kRefused,  // the token or the request is not welcome: 401 403 404 405 406
  kBadData,  // the endpoint did not understand a line: 400 413 422
  kLimited,  // asked to come back later: 429, or 503 with Retry-After
  kIdle,     // silent for too long: 408, or any end after 55 s without a byte
  kRestart,  // the endpoint is going away or not there yet: 503
  kNetwork,  // anything else
};

/// The first rule that fits. `silent` is the time since the last byte was written; `finished`: we
/// had ended the body.
CloseReason classify(const Ending& ending, Duration silent, bool finished = false);

/// The word for logs and metrics: "evicted", "refused", ...
std::string_view to_text(CloseReason reason);

/// A sentence on what happened, for the log.
std::string describe(const Ending& ending);

/// What a person should do, or nothing when the bridge copes alone.
std::string_view advice(CloseReason reason, const Ending& ending);

}  // namespace plotbridge::stream
