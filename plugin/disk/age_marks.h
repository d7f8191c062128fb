// When the oldest line of a stream was received, without a note for each line: a few marks, the
// further apart the longer the lines lie. Never later than the truth, and earlier by about an
// eighth of it. Pure; one thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace plotbridge::disk {

class AgeMarks {
 public:
  void add(std::uint64_t offset, std::uint64_t received_ms) {
    if (marks_.empty()) {
      marks_.push_back({offset, received_ms});
    } else if (offset <= marks_.back().offset || received_ms < marks_.back().received) {
      add_late(offset, received_ms);
    } else {
      const std::uint64_t span = received_ms - marks_.front().received;
      if (received_ms - marks_.back().received < std::max(kNearest, span / 8)) return;
      if (marks_.size() == kMost) thin_out();
      marks_.push_back({offset, received_ms});
    }
  }

  /// The oldest line is `offset` now.
  void front_is(std::uint64_t offset) {
    std::size_t gone = 0;
    while (gone + 1 < marks_.size() && marks_[gone + 1].offset <= offset) ++gone;
    marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  void clear() { marks_.clear(); }

  std::optional<std::uint64_t> oldest_ms() const {
    return marks_.empty() ? std::nullopt : std::optional(marks_.front().received);
  }

 private:
  /// A mark speaks of the lines from its offset on.
  struct Mark {
    std::uint64_t offset;
    std::uint64_t received;
  };
  static constexpr std::size_t kMost = 32;
  static constexpr std::uint64_t kNearest = 100;  // ms

  /// A line that comes after those behind it, or by a clock that was put back.
  void add_late(std::uint64_t offset, std::uint64_t received_ms) {
    marks_.front().offset = std::min(marks_.front().offset, offset);
    for (Mark& mark : marks_) {
      if (mark.offset <= offset) mark.received = std::min(mark.received, received_ms);
    }
  }
  void thin_out() {
    std::size_t kept = 1;
    for (std::size_t i = 2; i < marks_.size(); i += 2) marks_[kept++] = marks_[i];
    marks_.resize(kept);
  }

  std::vector<Mark> marks_;
};

}  // namespace plotbridge::disk
