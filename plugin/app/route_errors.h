// What one route could not decode: counts by kind, the last error, and when a log line may tell of
// it again. Not responsible for: writing that line (point_writer). Any thread.
#pragma once

#include "plugin/base/line_gate.h"
#include "plugin/base/time.h"
#include "plugin/model/decode_error_kind.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::app {

/// One that happened.
struct RouteError {
  std::string_view kind;
  std::string why;         // cut when it is long
  std::size_t offset = 0;  // byte of the payload
  WallTime at;
};

class RouteErrors {
 public:
  /// Between two lines of one kind.
  static constexpr Duration kLogInterval = std::chrono::seconds(10);
  static constexpr std::size_t kWhyShown = 300;  // bytes

  using Counts = std::map<std::string, std::uint64_t, std::less<>>;  // by kind

  /// Counts it. The number of errors of this kind that were suppressed since the last line, where a
  /// line may be written now.
  std::optional<std::uint64_t> add(DecodeErrorKind kind, std::string_view why, std::size_t offset,
                                   WallTime at, TimePoint now);

  struct Suppressed {
    std::string_view kind;
    std::uint64_t errors = 0;
    std::string why;  // of the last of them
  };
  /// Those whose last line is older than `age`; they count as told from now on.
  std::vector<Suppressed> take_suppressed(TimePoint now, Duration age);

  Counts counts() const;
  std::optional<RouteError> last() const;

 private:
  struct OfKind {
    std::uint64_t count = 0;
    RouteError last;
    LineGate gate;
  };
  mutable std::mutex mutex_;
  std::map<std::string_view, OfKind> kinds_;  // as many as there are words
  const OfKind* newest_ = nullptr;            // of `kinds_`, the one that happened last
};

}  // namespace plotbridge::app
