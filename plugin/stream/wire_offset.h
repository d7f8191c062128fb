// Which offset the endpoint takes the next line of a connection for, and the control lines that
// tell it another one (docs/protocol.md). Not responsible for: which line is next (queue). Pure;
// one thread at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/model/control_line.h"

#include <cstdint>
#include <string>

namespace plotbridge::stream {

class WireOffset {
 public:
  /// A connection begins, and its first line was announced to have this offset.
  explicit WireOffset(std::uint64_t announced) : expected_(announced) {}

  /// Of the offsets from here on, the endpoint lacks some that are resolved: it is told that they
  /// never come.
  void void_from(std::uint64_t offset) { void_from_ = offset; }

  /// What has to be sent before the line `next`; most often nothing.
  std::string control_before(std::uint64_t next, const RangeSet& resolved) const {
    std::string text;
    std::uint64_t expected = expected_;
    const bool voids = void_from_ < next && resolved.contains({void_from_, next});
    if (voids && void_from_ != expected) {
      text += line(void_from_, false);
      expected = void_from_;
    }
    if (expected == next) return text;
    const bool are_void = expected < next && resolved.contains({expected, next});
    return text += line(next, are_void);
  }
  /// The line was sent, and what had to be sent before.
  void sent(std::uint64_t offset) {
    expected_ = offset + 1;
    void_from_ = RangeSet::kNone;
  }

 private:
  static std::string line(std::uint64_t offset, bool are_void) {
    return to_text(ControlLine{offset, are_void}) + '\n';
  }

  std::uint64_t expected_;
  std::uint64_t void_from_ = RangeSet::kNone;
};

}  // namespace plotbridge::stream
