// What the built-in endpoint counts: written on the loop's thread, read on any.
#pragma once

#include "plugin/http/change_log.h"
#include "plugin/http/connection_end.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge::http {

/// Why an accepted stream ended.
enum class StreamEnd : std::uint8_t {
  kDone,
  kMalformed,
  kIdle,
  kBadLine,
  kEvicted,
  kLost,
  kReplaced,  // by a newer connection of the same producer
  kFenced,    // by one with a higher epoch
  kPlotLost,  // its plot took another token
  kRestart,   // the server stops
  kNoRoom,    // what connections may hold, or how many there may be, was used up
  kRanges,    // the offsets of its lines had too many gaps
};
inline constexpr std::size_t kStreamEnds = 12;

/// A word for logs and metric labels.
constexpr std::string_view name_of(StreamEnd end) {
  constexpr std::array<std::string_view, kStreamEnds> kNames = {
      "done",     "malformed", "idle",      "bad_line", "evicted", "lost",
      "replaced", "fenced",    "plot_lost", "restart",  "no_room", "ranges"};
  return kNames[static_cast<std::size_t>(end)];
}

/// One look at the counters.
struct EndpointStats {
  std::uint64_t connections = 0;           // open now, pages and streams
  std::uint64_t unproved_connections = 0;  // of these, without a token or key
  std::uint64_t waiting_readers = 0;       // of those, that wait for a turn
  std::uint64_t reader_turns = 0;          // that such ones had
  std::uint64_t streams_open = 0;          // tokens that are connected now
  std::uint64_t streams_known = 0;
  std::uint64_t watchers = 0;          // pages that draw live
  std::uint64_t connection_bytes = 0;  // that all connections hold
  std::uint64_t unproved_bytes = 0;    // of these, those without a token or key
  std::uint64_t window_bytes = 0;      // of the plots' data, names of columns, styles and layouts
  std::uint64_t figure_bytes = 0;      // of plots that came by REST, without their data
  std::uint64_t grid_bytes = 0;
  std::uint64_t further_ranges = 0;  // of offsets that producers' positions have, beyond one each
  bool state_failing = false;        // what is to be kept cannot be written
  std::uint64_t lines = 0;
  std::uint64_t skipped_lines = 0;  // that came again and were applied before
  std::uint64_t evictions = 0;
  std::uint64_t refused = 0;  // requests that became nothing
  std::uint64_t wrong_keys = 0;
  std::uint64_t late_answers = 0;  // to wrong keys, that wait now
  std::uint64_t forwarded = 0;     // requests that a proxy brought where nobody asks for keys
  std::array<std::uint64_t, kFileChanges> changes{};    // by REST, by FileChange
  std::array<std::uint64_t, kStreamEnds> closes{};      // by StreamEnd
  std::array<std::uint64_t, kConnectionEnds> limits{};  // refused and ended, by ConnectionEnd
};

struct EndpointCounters {
  std::atomic<std::uint64_t> streams_open{0};
  std::atomic<std::uint64_t> streams_known{0};
  std::atomic<std::uint64_t> window_bytes{0};
  std::atomic<std::uint64_t> figure_bytes{0};
  std::atomic<std::uint64_t> grid_bytes{0};
  std::atomic<std::uint64_t> further_ranges{0};
  std::atomic<std::uint64_t> lines{0};
  std::atomic<std::uint64_t> skipped_lines{0};
  std::atomic<std::uint64_t> evictions{0};
  std::atomic<std::uint64_t> refused{0};
  std::array<std::atomic<std::uint64_t>, kStreamEnds> closes{};

  EndpointStats look() const {
    EndpointStats stats;
    stats.streams_open = streams_open;
    stats.streams_known = streams_known;
    stats.window_bytes = window_bytes;
    stats.figure_bytes = figure_bytes;
    stats.grid_bytes = grid_bytes;
    stats.further_ranges = further_ranges;
    stats.lines = lines;
    stats.skipped_lines = skipped_lines;
    stats.evictions = evictions;
    stats.refused = refused;
    for (std::size_t i = 0; i < kStreamEnds; ++i) stats.closes[i] = closes[i];
    return stats;
  }
};

}  // namespace plotbridge::http
