// Values under keys to a line: compact JSON and its newline, always strict JSON and valid UTF-8,
// whatever the values hold. Leaves to others: what the values are. Pure after construction; any
// thread.
#pragma once

#include "plugin/model/value.h"

#include <span>
#include <string>
#include <vector>

namespace plotbridge::encode {

class LineEncoder {
 public:
  /// A dot in a key nests; keys that share a parent must stand together (config sees to it).
  LineEncoder(const std::vector<std::string>& keys, TimeFormat time_format);

  /// Appends the line to `out`. `values` has one value for each key; a missing one is written as
  /// null.
  void encode(std::span<const Value> values, std::string& out) const;

 private:
  /// Literal text before each value ("{\"x\":"), and after the last ("}\n").
  std::vector<std::string> before_;
  std::string after_;
  TimeFormat time_format_;
};

}  // namespace plotbridge::encode
