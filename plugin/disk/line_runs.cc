#include "plugin/disk/line_runs.h"

#include <algorithm>
#include <iterator>

namespace plotbridge::disk {

LineRuns::Runs::const_iterator LineRuns::from(std::uint64_t offset) const {
  auto run = runs_.upper_bound(offset);
  if (run != runs_.begin() && std::prev(run)->second.end > offset) --run;
  return run;
}

bool LineRuns::contains(std::uint64_t offset) const {
  const auto run = from(offset);
  return run != runs_.end() && run->first <= offset;
}

bool LineRuns::add(std::uint64_t offset, std::uint64_t segment, const Gone& gone) {
  const auto known = from(offset);
  if (known != runs_.end() && known->first <= offset) {
    if (known->second.segment == segment) return false;
    remove({offset, offset + 1}, gone);
  }
  ++lines_;
  const auto behind = runs_.lower_bound(offset);
  const bool joins_behind =
      behind != runs_.end() && behind->first == offset + 1 && behind->second.segment == segment;
  const std::uint64_t end = joins_behind ? behind->second.end : offset + 1;
  if (behind != runs_.begin()) {
    Run& before = std::prev(behind)->second;
    if (before.end == offset && before.segment == segment) {
      before.end = end;
      if (joins_behind) runs_.erase(behind);
      return true;
    }
  }
  const auto next = joins_behind ? runs_.erase(behind) : behind;
  runs_.emplace_hint(next, offset, Run{end, segment});
  return true;
}

bool LineRuns::remove(OffsetRange offsets, const Gone& gone) {
  bool any = false;
  if (offsets.from >= offsets.to) return any;
  const auto start = from(offsets.from);
  auto run = start == runs_.end() ? runs_.end() : runs_.find(start->first);
  while (run != runs_.end() && run->first < offsets.to) {
    const auto [first, old] = *run;
    const std::uint64_t begin = std::max(first, offsets.from);
    const std::uint64_t end = std::min(old.end, offsets.to);
    if (first < begin) {
      run->second.end = begin;
      ++run;
    } else {
      run = runs_.erase(run);
    }
    if (end < old.end) run = std::next(runs_.emplace_hint(run, end, old));
    lines_ -= end - begin;
    gone(old.segment, end - begin);
    any = true;
  }
  return any;
}

}  // namespace plotbridge::disk
