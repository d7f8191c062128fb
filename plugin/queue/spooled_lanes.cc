// What SpooledQueue does with lanes: history beside what is live, and how both go on after a
// restart.
#include "plugin/queue/spooled_queue.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace plotbridge::queue {
namespace {

// Of a run that said no end: what an endpoint can have taken and not acknowledged is less.
constexpr std::uint64_t kMostOfOpenRun = 4096;
// So much would come into memory at once.
constexpr std::size_t kMostAgain = std::size_t{1} << 16;

}  // namespace

void SpooledQueue::begin_history() {
  if (live() == 0) return;
  if (history_.empty()) {
    memory_.begin_history();
    if (spooled_ > 0) history_.push_back({spool_front_, next_id_, spooled_});
  } else {
    // Behind lines that are on disk alone there is no place in memory: they go back to the disk. If
    // that did not take one of them, all stay live.
    bool all_stored = true;
    std::uint64_t from = spool_front_;
    const std::size_t lines = live();
    memory_.each_live([&](const QueuedLine& line) { all_stored = all_stored && line.stored; });
    if (!all_stored) return;
    if (const IdRanges ids = memory_.drop_live(memory_.live()); !ids.empty()) {
      ids.each([&from](const IdRanges::Range& range) { from = range.from; });
    }
    Spooled& last = history_.back();
    // What was between them and has gone is not read again.
    if (is_handed_out(last.to, from)) {
      history_.push_back({from, next_id_, lines});
    } else {
      last.to = next_id_;
      last.lines += lines;
    }
  }
  spooled_ = 0;
}

bool SpooledQueue::is_handed_out(std::uint64_t from, std::uint64_t to) const {
  bool any = false;
  memory_.each_handed_out(
      [&](const QueuedLine& line) { any = any || (from <= line.id && line.id < to); });
  return any;
}

IdRanges SpooledQueue::drop_backlog_of_lanes(std::size_t& dropped) {
  IdRanges ids;
  dropped = 0;
  if (live() == 0) return ids;
  // The newest line is live, so all of the history goes.
  dropped = memory_.history();
  ids.add(memory_.drop_history());
  for (const Spooled& part : history_) {
    ids.add(part.from, part.to);
    dropped += part.lines;
  }
  history_.clear();
  dropped += live() - 1;
  const bool newest_here = spooled_ == 0;
  ids.add(memory_.drop_live(memory_.live() - (newest_here ? 1 : 0), true));
  if (!newest_here) {
    ids.add(spool_front_, next_id_ - 1);
    spooled_ = 1;
    spool_front_ = next_id_ - 1;
  }
  return ids;
}

bool SpooledQueue::resumes() const {
  return !place_known_ && (memory_.keeps_lanes() || !numbers_.ascend());
}

SpooledQueue::Resumption SpooledQueue::resume_at(std::uint64_t number) {
  memory_.keep_lanes();
  if (history_.empty()) begin_history();
  Resumption found;
  if (!history_.empty()) {
    found.among = {history_.front().from, history_.back().to, spooled() - spooled_};
  }
  const std::vector<Numbering>& runs = numbers_.runs();
  std::unordered_set<std::uint64_t> known;
  for (const Numbering& run : runs) {
    const bool certain = &run != &runs.back();
    const std::uint64_t behind = run.number < number ? number - run.number : 0;
    const std::uint64_t arrived = std::min(run.lines, behind);
    const std::uint64_t most = std::max(run.id, recovered_end_) - run.id;
    found.arrived.add(run.id, run.id + std::min(arrived, most));
    const std::uint64_t end = std::min({run.lines, arrived + kMostOfOpenRun, most});
    for (std::uint64_t i = arrived; i < end; ++i) {
      // What went before went then; here it only seems to be the next.
      if (found.again.size() == kMostAgain || !known.insert(run.id + i).second) break;
      found.again.push_back({run.id + i, run.number + i, certain});
    }
  }
  return found;
}

void SpooledQueue::resume(std::uint64_t number, const std::vector<QueuedLine>& again,
                          std::uint64_t known_before, std::vector<Spooled> spooled) {
  if (!numbers_.empty()) {
    const Numbering& last = numbers_.runs().back();
    said_before_ = last.number + std::min(last.lines, Numbering::kOpen - last.number);
  }
  numbers_.clear();
  place_known_ = true;
  run_.reset();
  noted_before_ = known_before;
  memory_.renumber(number);
  for (const QueuedLine& line : again) memory_.push_again(line);
  history_ = std::move(spooled);
}

}  // namespace plotbridge::queue
