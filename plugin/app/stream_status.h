// What is known of one stream at a moment: for /status, /metrics and the log. Plain values; any
// thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/stream/close_reason.h"
#include "plugin/stream/connection_table.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::app {

/// Why a line never reached the endpoint.
enum class Discarded : std::uint8_t {
  kQueueFull,  // the queue or the memory of all queues
  kThrottled,  // a newer one of the same moment took its place
  kTooLarge,
  kBadData,   // the endpoint refused it: put aside
  kShutdown,  // still queued when the program had to end
  kSpoolFull,
  kSpoolFailed,  // the disk did not take it, or did not give it back
  kExpired,      // it waited longer than spool.max_age
  kBacklog,      // it waited while the stream was away, and the stream wants none of that
};
inline constexpr std::array<std::string_view, 9> kDiscardedTexts = {
    "queue_full", "throttled",    "too_large", "bad_data", "shutdown",
    "spool_full", "spool_failed", "expired",   "backlog"};

struct StreamStatus {
  std::string name;
  stream::State state = stream::State::kIdle;
  WallTime since;
  std::size_t queued = 0;   // lines that wait in memory
  std::size_t spooled = 0;  // and on disk alone
  std::uint64_t sent_lines = 0;
  double lines_per_second = 0;  // of those sent, over the last ten seconds
  std::uint64_t heartbeats = 0;
  std::uint64_t opens = 0;
  std::uint64_t odd_acknowledgements = 0;  // of lines that were never sent
  std::array<std::uint64_t, stream::kCloseReasons> closes{};
  std::array<std::uint64_t, kDiscardedTexts.size()> discarded{};

  struct LastClose {
    stream::CloseReason reason;
    std::string what;
    WallTime at;
  };
  std::optional<LastClose> last_close;

  /// A line that the endpoint refused.
  struct PutAside {
    WallTime at;
    std::string why;
    std::string line;  // without its newline; cut when it is long
  };
  std::optional<PutAside> last_put_aside;
  std::uint64_t put_aside() const {
    return discarded[static_cast<std::size_t>(Discarded::kBadData)];
  }

  std::uint64_t evictions() const {
    return closes[static_cast<std::size_t>(stream::CloseReason::kEvicted)];
  }
  std::uint64_t reconnects() const { return opens > 0 ? opens - 1 : 0; }
};

}  // namespace plotbridge::app
