#include "plugin/queue/stream_log.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace plotbridge::queue {

StreamLog::Blocks::const_iterator StreamLog::block_of(std::uint64_t offset) const {
  const auto behind = blocks_.upper_bound(offset);
  if (behind == blocks_.begin()) return blocks_.end();
  const auto block = std::prev(behind);
  return block->second.contains(offset) ? block : blocks_.end();
}

std::size_t StreamLog::growth(std::size_t size) const {
  if (!blocks_.empty()) {
    const LineBlock& last = blocks_.rbegin()->second;
    if (last.end() == end_ && !last.is_full()) return last.growth(size);
  }
  return LineBlock(end_).growth(size);
}

std::uint64_t StreamLog::append(const LineBlock::Line& line) {
  if (!blocks_.empty()) {
    LineBlock& last = blocks_.rbegin()->second;
    const bool goes_on = last.end() == end_;
    if (goes_on && !last.is_full()) {
      push(last, line);
      return end_++;
    }
    const std::size_t before = last.memory();
    last.close();
    memory_ = memory_ - before + last.memory();
  }
  push(blocks_.try_emplace(end_, end_).first->second, line);
  return end_++;
}

void StreamLog::push(LineBlock& block, const LineBlock::Line& line) {
  const std::size_t before = block.memory();
  block.push(line);
  memory_ = memory_ - before + block.memory();
}

bool StreamLog::can_rewrite(std::uint64_t lines) const {
  if (lines > end_) return false;
  for (std::uint64_t at = end_ - lines; at < end_; ++at) {
    if (resolved_.contains(at) || sent_.contains(at) || block_of(at) == blocks_.end()) return false;
  }
  return true;
}

void StreamLog::pop_newest() {
  const auto block = std::prev(blocks_.end());
  const std::size_t before = block->second.memory();
  block->second.pop();
  memory_ = memory_ - before + block->second.memory();
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

std::optional<LineBlock::Line> StreamLog::find(std::uint64_t offset) const {
  const auto block = block_of(offset);
  if (block == blocks_.end()) return std::nullopt;
  return block->second.at(offset);
}

void StreamLog::sent(std::uint64_t offset) {
  assert(offset < end_ && !resolved_.contains(offset));
  in_flight_ += sent_.add(offset);
}

void StreamLog::connection_ended() {
  sent_ = {};
  in_flight_ = 0;
}

std::uint64_t StreamLog::resolve(OffsetRange range) {
  range.to = std::min(range.to, end_);
  if (range.from >= range.to) return 0;
  resolved_.each_gap(range, [this](OffsetRange gap) { in_flight_ -= sent_.count(gap); });
  const std::uint64_t resolved = resolved_.add(range);
  if (resolved > 0) forget_resolved(range);
  return resolved;
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
    if (resolved_.count(lines) == lines.size()) erase(block);
    block = next;
  }
}

void StreamLog::erase(Blocks::const_iterator block) {
  memory_ -= block->second.memory();
  blocks_.erase(block);
}

void StreamLog::mark_stored(OffsetRange range) {
  for (auto block = block_at_or_behind(range.from);
       block != blocks_.end() && block->first < range.to; ++block) {
    LineBlock& lines = block->second;
    const std::uint64_t to = std::min(range.to, lines.end());
    for (std::uint64_t at = std::max(range.from, lines.first()); at < to; ++at) {
      lines.mark_stored(at);
    }
  }
}

bool StreamLog::evict() {
  for (auto block = blocks_.end(); block != blocks_.begin();) {
    --block;
    const bool grows = block->second.end() == end_ && !block->second.is_full();
    if (grows || !block->second.all_stored()) continue;
    erase(block);
    return true;
  }
  return false;
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
    if (before.end() == offset && !before.is_full()) return push(before, line);
  }
  push(blocks_.try_emplace(offset, offset).first->second, line);
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
  std::size_t memory = 0;
  std::uint64_t behind = 0;
  for (const auto& [first, block] : blocks_) {
    if (first != block.first() || block.empty()) return "blocks have lines, and know their first";
    if (first < behind || block.end() > end_) return "blocks do not overlap, nor pass the end";
    const OffsetRange lines{first, block.end()};
    if (resolved_.count(lines) == lines.size()) return "no block is resolved as a whole";
    behind = block.end();
    memory += block.memory();
  }
  if (memory != memory_) return "memory is that of the blocks";
  return std::nullopt;
}

}  // namespace plotbridge::queue
