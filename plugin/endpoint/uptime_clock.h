// The time of a client that knows no time: Arduino's sends milliseconds since it was switched on as
// `x`, and the zone in which it wants to see them. The first of them is taken for now. Leaves to
// others: the zones (LocalTime). One connection's; one thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/line_parser.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::endpoint {

/// A moment as `2026-01-02 03:04:05.678` in a zone such as `America/Montreal`; in UTC when there is
/// no such zone.
using LocalTime = std::function<std::string(std::string_view zone, WallTime at)>;

class UptimeClock {
 public:
  UptimeClock(std::string zone, LocalTime local_time)
      : zone_(std::move(zone)), local_time_(std::move(local_time)) {}

  /// Makes the number at `x`, if there is one, a local time. What it writes is valid until the next
  /// call.
  void convert(LineUpdate& update, WallTime now);

 private:
  std::string zone_;
  LocalTime local_time_;
  std::optional<WallTime> switched_on_;
  std::string text_;
};

}  // namespace plotbridge::endpoint
