// Whether a repeated event may have a log line again, and how many had none. Not responsible for:
// the clock, the writing, and many events (rate_limit). Pure; one thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace plotbridge {

class LineGate {
 public:
  /// At most one line in `interval`: the number of events suppressed since the last line, or
  /// nothing when this one is suppressed, too.
  std::optional<std::uint64_t> admit(TimePoint now, Duration interval) {
    if (last_line_ && now - *last_line_ < interval) {
      ++suppressed_;
      return std::nullopt;
    }
    last_line_ = now;
    return std::exchange(suppressed_, 0);
  }
  /// Events that were suppressed where the last line is older than `age`: a line has to tell them
  /// now. 0: there is nothing to tell.
  std::uint64_t take_suppressed(TimePoint now, Duration age) {
    if (suppressed_ == 0 || now - *last_line_ < age) return 0;
    last_line_ = now;
    return std::exchange(suppressed_, 0);
  }

 private:
  std::optional<TimePoint> last_line_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace plotbridge
