// A set of offsets as ranges: sorted, half open, and never touching each other, so that what is
// resolved of a stream stays a handful of numbers however long the stream is. Costs: a look is the
// logarithm of the ranges; adding also moves those behind, but for an offset that comes next, which
// costs nothing. Memory that many ranges took is given back when they join. Not responsible for:
// keeping their number small (whoever adds does, from kMany on). Pure value; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace plotbridge {

/// Offsets are below it, so that the one behind the last fits into 63 bits, too.
inline constexpr std::uint64_t kOffsetsEnd = std::numeric_limits<std::int64_t>::max();

struct OffsetRange {
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // behind the last one

  std::uint64_t size() const { return to - from; }
  bool operator==(const OffsetRange&) const = default;
};

/// Adds a range behind the others; where it goes on with the last one they become one.
inline void append_range(std::vector<OffsetRange>& ranges, OffsetRange range) {
  if (!ranges.empty() && ranges.back().to == range.from) {
    ranges.back().to = range.to;
  } else {
    ranges.push_back(range);
  }
}

class RangeSet {
 public:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  /// From here on whoever adds should fill gaps rather than begin new ranges.
  static constexpr std::size_t kMany = 1024;

  /// How many of the range were not in it before.
  std::uint64_t add(OffsetRange range);
  std::uint64_t add(std::uint64_t offset) {
    if (!comes_next(offset) || touches_next(offset)) return add({offset, offset + 1});
    ++ranges_[grown_].to;
    ++size_;
    return 1;
  }
  void remove(OffsetRange range);

  bool contains(std::uint64_t offset) const { return first_gap(offset) != offset; }
  /// Whether all of the range is in it.
  bool contains(OffsetRange range) const { return first_gap(range.from) >= range.to; }
  /// Whether it stands right behind the range that grew last, and so is not in the set: of most
  /// that is all one has to know.
  bool comes_next(std::uint64_t offset) const {
    return grown_ < ranges_.size() && ranges_[grown_].to == offset;
  }
  /// Whether adding the range makes no further one.
  bool touches(OffsetRange range) const {
    const auto near = ending_behind(range.from, true);
    return near != ranges_.end() && near->from <= range.to;
  }
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
  /// The same for each part that is in it.
  template <class Take>
  void each_part(OffsetRange range, const Take& take) const {
    for (std::uint64_t at = first_in(range.from); at < range.to; at = first_in(at)) {
      const std::uint64_t gap = first_gap(at);
      take(OffsetRange{at, gap < range.to ? gap : range.to});
      at = gap;
    }
  }
  const std::vector<OffsetRange>& ranges() const { return ranges_; }

 private:
  using Ranges = std::vector<OffsetRange>;
  /// The first range that ends behind `offset`, or at it with `touching`.
  Ranges::const_iterator ending_behind(std::uint64_t offset, bool touching = false) const;
  /// Of an offset that comes next: whether the range behind it begins there.
  bool touches_next(std::uint64_t offset) const {
    return grown_ + 1 < ranges_.size() && ranges_[grown_ + 1].from == offset + 1;
  }
  void give_memory_back();

  Ranges ranges_;
  std::size_t grown_ = 0;   // the index of the range that grew last, or any
  std::uint64_t size_ = 0;  // of offsets
};

}  // namespace plotbridge
