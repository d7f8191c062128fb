#include "plugin/queue/number_runs.h"

#include <algorithm>

namespace plotbridge::queue {
namespace {

// Then the older half of them goes.
constexpr std::size_t kMostRuns = 8192;

}  // namespace

void NumberRuns::add(const Numbering& numbering) {
  const bool ends = numbering.number >= kNoNumber;
  while (!ends && !runs_.empty() && runs_.back().number >= numbering.number) runs_.pop_back();
  if (!runs_.empty()) {
    Numbering& last = runs_.back();
    if (!ends) last.lines = std::min(last.lines, numbering.number - last.number);
    if (numbering.id >= last.id) last.lines = std::min(last.lines, numbering.id - last.id);
    if (last.lines == 0) runs_.pop_back();
  }
  if (ends) return;
  if (runs_.size() == kMostRuns) forget_oldest(kMostRuns / 2);
  runs_.push_back(numbering);
}

bool NumberRuns::ascend() const {
  return std::ranges::is_sorted(runs_, {}, [](const Numbering& run) { return run.id; });
}

void NumberRuns::forget_oldest(std::size_t runs) {
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(runs));
}

}  // namespace plotbridge::queue
