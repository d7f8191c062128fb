// A set of offsets as ranges: sorted, half open, and never touching each other, so that what is
// resolved of a stream stays a handful of numbers however long the stream is. Costs: a look is the
// logarithm of the ranges; adding also moves those behind. Not responsible for: keeping their
// number small (whoever adds does, from kMany on). Pure value; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace plotbridge {

struct OffsetRange {
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // behind the last one

  std::uint64_t size() const { return to - from; }
  bool operator==(const OffsetRange&) const = default;
};

class RangeSet {
 public:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  /// From here on whoever adds should fill gaps rather than begin new ranges.
  static constexpr std::size_t kMany = 1024;

  /// How many of the range were not in it before.
  std::uint64_t add(OffsetRange range);
  std::uint64_t add(std::uint64_t offset) { return add({offset, offset + 1}); }
  void remove(OffsetRange range);

  bool contains(std::uint64_t offset) const { return first_gap(offset) != offset; }
  /// The lowest offset at or above `offset` that is not in it.
  std::uint64_t first_gap(std::uint64_t offset) const;
  /// The lowest one that is; kNone: there is none.
  std::uint64_t first_in(std::uint64_t offset) const;
  /// How many of the range are in it.
  std::uint64_t count(OffsetRange range) const;
  std::uint64_t size() const { return size_; }
  bool empty() const { return ranges_.empty(); }
  bool has_many() const { return ranges_.size() >= kMany; }
  /// Calls `take` for each part of the range that is not in it, in order.
  template <class Take>
  void each_gap(OffsetRange range, const Take& take) const {
    for (std::uint64_t at = first_gap(range.from); at < range.to;) {
      const std::uint64_t next = first_in(at);
      take(OffsetRange{at, next < range.to ? next : range.to});
      at = next == kNone ? range.to : first_gap(next);
    }
  }
  const std::vector<OffsetRange>& ranges() const { return ranges_; }

 private:
  using Ranges = std::vector<OffsetRange>;
  /// The first range that ends behind `offset`, or at it with `touching`.
  Ranges::const_iterator ending_behind(std::uint64_t offset, bool touching = false) const;

  Ranges ranges_;
  std::uint64_t size_ = 0;  // of offsets
};

}  // namespace plotbridge
