#include "plugin/disk/line_runs.h"

#include <algorithm>
#include <iterator>

namespace plotbridge::disk {

LineRuns::Runs::const_iterator LineRuns::from(std::uint64_t id) const {
  auto run = runs_.upper_bound(id);
  if (run != runs_.begin() && std::prev(run)->second.end > id) --run;
  return run;
}

void LineRuns::add(std::uint64_t id, std::uint64_t segment, const Gone& gone) {
  if (!runs_.empty() && std::prev(runs_.end())->second.end > id) remove(id, id + 1, gone);
  ++lines_;
  const auto behind = runs_.lower_bound(id);
  if (behind != runs_.begin()) {
    Run& before = std::prev(behind)->second;
    if (before.end == id && before.segment == segment) {
      ++before.end;
      return;
    }
  }
  runs_.emplace_hint(behind, id, Run{id + 1, segment});
}

bool LineRuns::remove(std::uint64_t from, std::uint64_t to, const Gone& gone) {
  bool any = false;
  if (from >= to) return any;
  auto run = runs_.lower_bound(this->from(from) == runs_.end() ? to : this->from(from)->first);
  while (run != runs_.end() && run->first < to) {
    const auto [first, old] = *run;
    const std::uint64_t begin = std::max(first, from);
    const std::uint64_t end = std::min(old.end, to);
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
