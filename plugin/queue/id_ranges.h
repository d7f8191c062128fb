// Ids of lines of one stream that the store has and that are let go of: ranges, of which two can
// grow at a time, as two lanes do. Nothing is allocated for a single one. Plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plotbridge::queue {

class IdRanges {
 public:
  struct Range {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // behind the last one
  };

  bool empty() const { return first_.from >= first_.to; }
  /// Behind the last id of the first range.
  std::uint64_t end() const { return first_.to; }
  void add(std::uint64_t from, std::uint64_t to) {
    if (from >= to) return;
    if (empty()) {
      first_ = {from, to};
      return;
    }
    // The two newest: a live line and one of history take turns.
    const std::size_t newest = more_.size();
    for (std::size_t i = newest; i + 2 > newest; --i) {
      Range& range = i == 0 ? first_ : more_[i - 1];
      if (range.to == from) {
        range.to = to;
        return;
      }
      if (i == 0) break;
    }
    more_.push_back({from, to});
  }
  void add(std::uint64_t id) { add(id, id + 1); }
  /// The same, and everything between counts, too.
  void stretch_to(std::uint64_t id) {
    if (empty()) first_.from = id;
    first_.to = id + 1;
  }
  void add(const IdRanges& other) {
    other.each([this](const Range& range) { add(range.from, range.to); });
  }
  template <class Take>
  void each(const Take& take) const {
    if (!empty()) take(first_);
    for (const Range& range : more_) take(range);
  }

 private:
  Range first_;
  std::vector<Range> more_;
};

}  // namespace plotbridge::queue
