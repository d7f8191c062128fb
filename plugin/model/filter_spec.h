// What a route's `when` and `deadband` say: which points are not written. Read by config, carried
// out by shape. Pure values; any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/model/field_path.h"

#include <optional>
#include <string>
#include <vector>

namespace plotbridge {

/// A point is written when all that is given holds. A missing field, and for `above` and `below`
/// what is no number, holds nothing.
struct WhenSpec {
  FieldPath field;  // no steps: $value
  /// JSON scalars of which the field must be one; empty: any. Numbers are compared as numbers.
  std::vector<std::string> one_of;
  std::optional<double> above;
  std::optional<double> below;

  bool operator==(const WhenSpec&) const = default;
};

/// A point whose `y` is this close to that of the last one written is not written.
struct DeadbandSpec {
  double absolute = 0;
  /// A point that comes this long after the last one written is written all the same.
  std::optional<Duration> max_silence;

  bool operator==(const DeadbandSpec&) const = default;
};

}  // namespace plotbridge
