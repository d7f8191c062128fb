#include "plugin/queue/stream_log.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace plotbridge::queue {

std::uint64_t StreamLog::waiting_in(OffsetRange range) const {
  if (range.from >= range.to) return 0;
  std::uint64_t waiting = 0;
  resolved_.each_gap(range, [&](OffsetRange gap) { waiting += gap.size() - sent_.count(gap); });
  return waiting;
}

RangeSet StreamLog::offsets_in_flight() const {
  RangeSet offsets;
  for (const OffsetRange& sent : sent_.ranges()) {
    resolved_.each_gap(sent, [&](OffsetRange gap) { offsets.add(gap); });
  }
  return offsets;
}

void StreamLog::skip_to(std::uint64_t end) {
  if (end <= end_) return;
  resolved_.add({end_, end});
  end_ = end;
}

std::uint64_t StreamLog::waiting_live() const {
  return live_from_ == 0 ? waiting() : waiting_in({live_from_, end_});
}

StreamLog::Blocks::const_iterator StreamLog::block_of(std::uint64_t offset) const {
  const auto behind = blocks_.upper_bound(offset);
  if (behind == blocks_.begin()) return blocks_.end();
  const auto block = std::prev(behind);
  return block->second.contains(offset) ? block : blocks_.end();
}

std::uint64_t StreamLog::append(const LineBlock::Line& line) {
  if (!blocks_.empty()) {
    LineBlock& last = blocks_.rbegin()->second;
    if (last.end() == end_ && !last.is_full(block_bytes_)) {
      push(last, line);
      return end_++;
    }
    change(last, [&] { last.close(); });
  }
  push(blocks_.try_emplace(end_, end_).first->second, line);
  return end_++;
}

void StreamLog::push(LineBlock& block, const LineBlock::Line& line) {
  change(block, [&] { block.push(line); });
}

bool StreamLog::can_rewrite(std::uint64_t lines) const {
  if (lines > end_ || end_ - lines < live_from_) return false;
  for (std::uint64_t at = end_ - lines; at < end_; ++at) {
    if (resolved_.contains(at) || sent_.contains(at) || block_of(at) == blocks_.end()) return false;
  }
  return true;
}

void StreamLog::pop_newest() {
  const auto block = std::prev(blocks_.end());
  change(block->second, [&] { block->second.pop(); });
  --end_;
  if (block->second.empty()) erase(block);
}

std::uint64_t StreamLog::lowest_from(std::uint64_t offset) const {
  for (;;) {
    const std::uint64_t unresolved = resolved_.first_gap(offset);
    offset = sent_.first_gap(unresolved);
    if (offset == unresolved) return offset < end_ ? offset : kNone;
  }
}

std::uint64_t StreamLog::next() const {
  // Filling the lowest gap first makes ranges fewer.
  const std::uint64_t live = resolved_.has_many() ? kNone : lowest_from(live_from_);
  return live != kNone ? live : lowest_from(0);
}

std::uint64_t StreamLog::next_of(const RangeSet& offsets) const {
  for (const OffsetRange& range : offsets.ranges()) {
    if (const std::uint64_t next = lowest_from(range.from); next < range.to) return next;
  }
  return kNone;
}

std::optional<LineBlock::Line> StreamLog::find(std::uint64_t offset) const {
  const auto block = block_of(offset);
  if (block == blocks_.end()) return std::nullopt;
  return block->second.at(offset);
}

void StreamLog::sent(std::uint64_t offset, bool in_part) {
  assert(offset < end_);
  if (!resolved_.contains(offset)) in_flight_ += sent_.add(offset);
  const std::uint64_t before = std::exchange(in_part_, in_part ? offset : kNone);
  if (before != kNone && !in_part) forget_resolved({before, before + 1});
}

void StreamLog::connection_ended() {
  sent_ = {};
  in_flight_ = 0;
  const std::uint64_t half = std::exchange(in_part_, kNone);
  if (half != kNone) forget_resolved({half, half + 1});
}

void StreamLog::resolve_gap(OffsetRange gap) {
  in_flight_ -= sent_.count(gap);
  resolved_.add(gap);
  mark(gap, true);  // nobody waits for the store to have it
  forget_resolved(gap);
}

StreamLog::Blocks::iterator StreamLog::block_at_or_behind(std::uint64_t offset) {
  const auto behind = blocks_.upper_bound(offset);
  if (behind == blocks_.begin()) return behind;
  const auto before = std::prev(behind);
  return before->second.contains(offset) ? before : behind;
}

// Blocks of which nothing is wanted any more.
void StreamLog::forget_resolved(OffsetRange range) {
  auto block = block_at_or_behind(range.from);
  while (block != blocks_.end() && block->first < range.to) {
    const OffsetRange lines{block->second.first(), block->second.end()};
    const auto next = std::next(block);
    if (resolved_.contains(lines) && !block->second.contains(in_part_)) erase(block);
    block = next;
  }
}

void StreamLog::erase(Blocks::const_iterator block) {
  memory_ -= block->second.memory();
  unstored_ -= block->second.unstored();
  blocks_.erase(block);
}

void StreamLog::mark(OffsetRange range, bool stored) {
  for (auto block = block_at_or_behind(range.from);
       block != blocks_.end() && block->first < range.to; ++block) {
    change(block->second, [&] { block->second.mark(range, stored); });
  }
}

void StreamLog::mark_stored(OffsetRange range) { mark(range, true); }

// What is in flight may arrive all the same; what the store has not yet, it has not lost.
void StreamLog::split_lost(OffsetRange gap, std::vector<OffsetRange>& gone) {
  RangeSet kept;
  for (auto block = block_at_or_behind(gap.from); block != blocks_.end() && block->first < gap.to;
       ++block) {
    const std::uint64_t to = std::min(gap.to, block->second.end());
    for (std::uint64_t at = std::max(gap.from, block->first); at < to; ++at) {
      if (sent_.contains(at) || !block->second.at(at).stored) kept.add(at);
    }
  }
  for (const OffsetRange& range : kept.ranges()) mark(range, false);
  kept.each_gap(gap, [&](OffsetRange part) { gone.push_back(part); });
}

OffsetRange StreamLog::block_around(std::uint64_t offset) const {
  const auto block = block_of(offset);
  return {block->first, block->second.end()};
}

std::uint64_t StreamLog::oldest_waiting_unstored() const {
  std::uint64_t at = lowest_from(0);
  for (auto block = blocks_.begin(); block != blocks_.end() && at != kNone; ++block) {
    const LineBlock& lines = block->second;
    if (lines.unstored() == 0 || at >= lines.end()) continue;
    // In flight are as many as may be, in one piece: they are passed over at once.
    for (at = lowest_from(std::max(at, lines.first())); at < lines.end();
         at = lowest_from(at + 1)) {
      if (!lines.at(at).stored) return at;
    }
  }
  return kNone;
}

std::uint64_t StreamLog::newest_waiting_unstored() const {
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    const LineBlock& lines = block->second;
    for (std::uint64_t at = lines.unstored() > 0 ? lines.end() : lines.first();
         at > lines.first();) {
      --at;
      if (!lines.at(at).stored && !sent_.contains(at)) return at;
    }
  }
  return kNone;
}

bool StreamLog::evict(std::uint64_t wanted) {
  auto growing = blocks_.end();
  for (auto block = blocks_.end(); block != blocks_.begin();) {
    --block;
    const LineBlock& lines = block->second;
    if (lines.unstored() > 0 || lines.contains(in_part_) || lines.contains(wanted)) continue;
    if (lines.end() == end_ && !lines.is_full(block_bytes_)) {
      growing = block;  // the newest line may be rewritten, as long as it is here
      continue;
    }
    erase(block);
    return true;
  }
  if (growing == blocks_.end()) return false;
  erase(growing);
  return true;
}

OffsetRange StreamLog::missing(std::uint64_t offset) const {
  for (;;) {
    offset = lowest_from(offset);
    if (offset == kNone) return {};
    const auto block = block_of(offset);
    if (block == blocks_.end()) break;
    offset = block->second.end();
  }
  std::uint64_t to = std::min({end_, resolved_.first_in(offset), sent_.first_in(offset)});
  const auto next = blocks_.upper_bound(offset);
  if (next != blocks_.end()) to = std::min(to, next->first);
  return {offset, to};
}

void StreamLog::fetched(std::uint64_t offset, std::string_view bytes, TimePoint received) {
  if (offset >= end_ || resolved_.contains(offset) || block_of(offset) != blocks_.end()) return;
  const LineBlock::Line line{bytes, received, true};
  const auto behind = blocks_.upper_bound(offset);
  if (behind != blocks_.begin()) {
    LineBlock& before = std::prev(behind)->second;
    if (before.end() == offset && !before.is_full(block_bytes_)) return push(before, line);
  }
  push(blocks_.try_emplace(offset, offset).first->second, line);
}

std::uint64_t StreamLog::waiting_in_memory() const {
  std::uint64_t lines = 0;
  for (const auto& [first, block] : blocks_) lines += waiting_in({first, block.end()});
  return lines;
}

std::optional<std::string_view> StreamLog::broken_invariant() const {
  if (begin() > end_) return "begin <= end";
  if (unresolved() > end_) return "no more is resolved than there is";
  std::uint64_t flying = 0;
  for (const OffsetRange& range : sent_.ranges()) {
    if (range.to > end_) return "only lines that there are were sent";
    flying += range.size() - resolved_.count(range);
  }
  if (flying != in_flight_) return "in flight is what was sent and is not resolved";
  if (in_part_ != kNone && !find(in_part_)) return "a line that is sent in part is in memory";
  std::size_t memory = 0;
  std::uint64_t behind = 0, unstored = 0;
  for (const auto& [first, block] : blocks_) {
    if (first != block.first() || block.empty()) return "blocks have lines, and know their first";
    if (first < behind || block.end() > end_) return "blocks do not overlap, nor pass the end";
    const OffsetRange lines{first, block.end()};
    const bool wanted = !resolved_.contains(lines) || block.contains(in_part_);
    if (!wanted) return "no block is resolved as a whole";
    for (std::uint64_t at = first; at < block.end(); ++at) {
      if (block.at(at).stored) continue;
      if (resolved_.contains(at)) return "what is resolved does not wait for the store";
      ++unstored;
    }
    behind = block.end();
    memory += block.memory();
  }
  if (memory != memory_) return "memory is that of the blocks";
  if (unstored != unstored_) return "unstored is what memory alone has";
  return std::nullopt;
}

}  // namespace plotbridge::queue
