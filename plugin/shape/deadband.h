// Leaves out points that say nothing new: `y` close to that of the last one written. One for each
// series, that is for each topic of a route. Leaves to others: a clock (time comes in). One thread
// at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/model/filter_spec.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <optional>

namespace plotbridge::shape {

class Deadband {
 public:
  /// Whether a point with this `y` is written at `now`; then it is the one to compare with. What is
  /// no number is new when it differs at all.
  bool admits(const DeadbandSpec& spec, const Value& y, TimePoint now);

 private:
  struct Written {
    TimePoint at;
    Value::Kind kind;
    std::optional<double> number;
    std::size_t size;         // of what is no number
    std::size_t fingerprint;  // of what is no number: it may be long
    WallTime time;
  };
  static bool differs(const DeadbandSpec& spec, const Written& last, const Written& next);

  std::optional<Written> last_;
};

}  // namespace plotbridge::shape
