// What becomes of a stream, told to the log and to its status: one place, so that a log line and
// its counter are born together. Leaves to others: deciding (stream/connection). The stream loop's
// thread only.
#pragma once

#include "plugin/app/outbox.h"
#include "plugin/base/leaky_bucket.h"
#include "plugin/base/time.h"
#include "plugin/stream/connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::app {

/// How many lines of the log the changes of all streams may have: those that are wanted, and apart
/// from them those that are trouble.
class ReportedChanges {
 public:
  /// Lines at once, as at the start of a thousand streams, then one in a second.
  static constexpr int kBurst = 4'000;
  static constexpr Duration kInterval = std::chrono::seconds(1);

  /// The changes of the kind that had no line since the last that had; nothing: nor has this one.
  std::optional<std::uint64_t> admit(bool wanted, TimePoint now) {
    Kind& kind = wanted ? wanted_ : trouble_;
    if (kind.lines.reserve_within(now, Duration::zero())) return std::exchange(kind.suppressed, 0);
    ++kind.suppressed;
    return std::nullopt;
  }

 private:
  struct Kind {
    LeakyBucket lines{kInterval, kBurst};
    std::uint64_t suppressed = 0;
  };
  Kind wanted_;
  Kind trouble_;
};

/// Tells of a change of state, of an ending whose reason is known, or both. `ending`: the one that
/// has just happened, or nothing; `next_in`: the time until the stream does something by itself.
void report_stream(Outbox& outbox, std::size_t stream, std::string_view name,
                   const stream::Actions& actions, const stream::Ending* ending, Duration next_in,
                   ReportedChanges& reported, TimePoint now);

/// An endpoint of type plotbridge gives no acknowledgements: once for all its streams.
void report_no_acknowledgements();

/// The endpoint acknowledges lines before they are safe from a power cut, or not any more: once
/// for all streams.
void report_durability(bool loses_with_power);

/// The endpoint acknowledged what it was never sent.
void report_odd_acknowledgement(Outbox& outbox, std::size_t stream, std::string_view name,
                                std::uint64_t offset);

/// A line that the endpoint refused.
struct RefusedLine {
  std::string_view stream;  // its name
  std::string why;
  std::string_view line;  // with its newline
  WallTime at;
};

/// Tells of a line that was put aside.
void report_refused_line(Outbox& outbox, std::size_t stream, const RefusedLine& refused);

}  // namespace plotbridge::app
