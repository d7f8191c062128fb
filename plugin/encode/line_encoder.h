// Values under keys to a line: compact JSON and its newline, always strict JSON and valid UTF-8,
// whatever the values hold. Leaves to others: what the values are. Pure after construction; any
// thread.
#pragma once

#include "plugin/model/line.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace plotbridge::encode {

class LineEncoder {
 public:
  /// A dot in a key nests; keys that share a parent must stand together (config sees to it).
  LineEncoder(const std::vector<std::string>& keys, TimeFormat time_format);

  /// Appends the line to `out` and answers it, as long as `out` stays as it is. `values` has one
  /// value for each key; a missing one is written as null. A line that would be longer than
  /// kMaxLineBytes is not written, and the answer is empty.
  Line encode(std::span<const Value> values, std::string& out) const;

 private:
  bool append_all(std::span<const Value> values, std::size_t end, std::string& out,
                  Line& line) const;

  /// Literal text before each value ("{\"x\":"), and after the last ("}\n").
  std::vector<std::string> before_;
  std::string after_;
  std::size_t y_index_;  // of the key `y`; the number of keys when there is none
  TimeFormat time_format_;
};

}  // namespace plotbridge::encode
