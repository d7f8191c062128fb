#include "plugin/base/range_set.h"

#include <algorithm>

namespace plotbridge {

RangeSet::Ranges::const_iterator RangeSet::ending_behind(std::uint64_t offset,
                                                         bool touching) const {
  return std::ranges::partition_point(ranges_, [=](const OffsetRange& range) {
    return touching ? range.to < offset : range.to <= offset;
  });
}

std::uint64_t RangeSet::add(OffsetRange range) {
  if (range.from >= range.to) return 0;
  // Those from `first` on to before `last` become one with it.
  const auto first = ending_behind(range.from, true);
  auto last = first;
  std::uint64_t known = 0;
  OffsetRange joined = range;
  for (; last != ranges_.end() && last->from <= range.to; ++last) {
    const std::uint64_t from = std::max(last->from, range.from);
    const std::uint64_t to = std::min(last->to, range.to);
    if (from < to) known += to - from;
    joined = {std::min(joined.from, last->from), std::max(joined.to, last->to)};
  }
  const std::uint64_t added = range.size() - known;
  size_ += added;
  grown_ = static_cast<std::size_t>(first - ranges_.cbegin());
  if (first == last) {
    ranges_.insert(first, joined);
    return added;
  }
  const auto at = ranges_.begin() + (first - ranges_.cbegin());
  *at = joined;
  ranges_.erase(at + 1, last);
  give_memory_back();
  return added;
}

// There may be tens of thousands of these, of which one after the other had many ranges.
void RangeSet::give_memory_back() {
  constexpr std::size_t kFew = 16;
  if (ranges_.capacity() <= kFew || ranges_.size() > ranges_.capacity() / 4) return;
  Ranges fewer;
  fewer.reserve(ranges_.size() * 2);
  fewer.assign(ranges_.begin(), ranges_.end());
  ranges_.swap(fewer);
}

void RangeSet::remove(OffsetRange range) {
  if (range.from >= range.to) return;
  const auto first = ending_behind(range.from);
  auto last = first;
  Ranges left;
  for (; last != ranges_.end() && last->from < range.to; ++last) {
    if (last->from < range.from) left.push_back({last->from, range.from});
    if (last->to > range.to) left.push_back({range.to, last->to});
    size_ -= std::min(last->to, range.to) - std::max(last->from, range.from);
  }
  ranges_.insert(ranges_.erase(first, last), left.begin(), left.end());
  give_memory_back();
}

std::uint64_t RangeSet::first_gap(std::uint64_t offset) const {
  const auto range = ending_behind(offset);
  return range == ranges_.end() || range->from > offset ? offset : range->to;
}

std::uint64_t RangeSet::first_in(std::uint64_t offset) const {
  const auto range = ending_behind(offset);
  return range == ranges_.end() ? kNone : std::max(range->from, offset);
}

std::uint64_t RangeSet::count(OffsetRange range) const {
  std::uint64_t count = 0;
  for (auto at = ending_behind(range.from); at != ranges_.end() && at->from < range.to; ++at) {
    count += std::min(at->to, range.to) - std::max(at->from, range.from);
  }
  return count;
}

}  // namespace plotbridge
