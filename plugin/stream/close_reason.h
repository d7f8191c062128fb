// Why a connection ended, decided in one place. Leaves to others: what to do about it (connection).
// Pure; any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/stream/origin.h"

#include <cstdint>
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
  /// The offset of the line that the endpoint refused, where it said so.
  std::optional<std::uint64_t> bad_line{};
  std::string close{};  // its word for why: "done", "fenced", ...; empty: it said none
};

enum class CloseReason {
  kDone,     // the answer to our own end
  kEvicted,  // a newer connection of this token took its place: 409, 423
  kRefused,  // the token or the request is not welcome: 401 403 404 405 406
  kBadData,  // the endpoint did not understand a line: 400 413 422
  kLimited,  // asked to come back later: 429, or 503 with Retry-After
  kIdle,     // silent for too long: 408, or any end after 55 s without a byte
  kRestart,  // the endpoint goes away: 503, or most of its streams closed together
  kSuspect,  // it looks like an eviction that the endpoint does not name
  kNetwork,  // anything else
};
inline constexpr std::size_t kCloseReasons = 9;

/// What else is known of a connection that ended.
struct Circumstances {
  bool was_open = true;    // the request was on its way
  Duration silent{0};      // since the last byte was written
  Duration lasted{0};      // since it was through
  bool finished = false;   // we had ended the body
  bool sent_lines = true;  // a line was on it that the endpoint may mean
  bool may_evict_silently = true;
  std::optional<Siblings> siblings{};  // nothing: not asked yet
};

/// The first rule that fits, in the order of CloseReason. Nothing: the ending tells too little;
/// how the siblings fare, or whether the next dial gets through, decides.
std::optional<CloseReason> classify(const Ending& ending, const Circumstances& circumstances);

/// The word for logs and metrics: "evicted", "refused", ...
std::string_view to_text(CloseReason reason);

/// A sentence on what happened, for the log.
std::string describe(const Ending& ending);

/// What a person should do, or nothing when the bridge copes alone.
std::string advice(CloseReason reason, const Ending& ending);

}  // namespace plotbridge::stream
