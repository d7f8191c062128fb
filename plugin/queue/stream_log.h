// The lines of one stream from the moment they come until they are resolved: each has an offset,
// which is given once. The log knows which offsets are resolved, which are in flight on the
// current connection, and the bytes of those that are in memory; what is not in memory the store
// has. Memory is a cache of what is to be sent, so nothing here has an order but the offsets.
// Costs: a look is the logarithm of ranges and blocks. Not responsible for: the store, what to give
// up when there is no room, why something is resolved, pace. One thread (or lock) at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/queue/line_block.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::queue {

class StreamLog {
 public:
  static constexpr std::uint64_t kNone = RangeSet::kNone;
  static constexpr std::size_t kBlockBytes = std::size_t{16} << 10;

  /// `block_bytes`: memory is given back in blocks of about so many bytes of lines.
  explicit StreamLog(std::size_t block_bytes = kBlockBytes) : block_bytes_(block_bytes) {}
  /// Goes on where an earlier run ended: all before `end` are resolved, or the store has them.
  StreamLog(std::uint64_t end, RangeSet resolved, std::size_t block_bytes = kBlockBytes)
      : block_bytes_(block_bytes), end_(end), resolved_(std::move(resolved)) {}

  /// The offset of the next line that comes.
  std::uint64_t end() const { return end_; }
  /// The lowest one that is not resolved; `end` when all are.
  std::uint64_t begin() const { return resolved_.first_gap(0); }
  std::uint64_t unresolved() const { return end_ - resolved_.size(); }
  std::uint64_t in_flight() const { return in_flight_; }
  RangeSet offsets_in_flight() const;
  std::uint64_t waiting() const { return unresolved() - in_flight_; }
  /// Of those that wait, those that do not wait as history.
  std::uint64_t waiting_live() const;
  const RangeSet& resolved() const { return resolved_; }

  /// Offsets before this one were given by an earlier run, and their lines are gone.
  void skip_to(std::uint64_t end);

  // What comes.

  /// A line into memory; `stored`: the store has it, too. Its offset.
  std::uint64_t append(const LineBlock::Line& line);
  /// Whether the newest `lines` lines can be rewritten: none is resolved, in flight, history, or
  /// out of memory.
  bool can_rewrite(std::uint64_t lines) const;
  /// Puts others in the place of the newest `lines` ones, which must allow it. The store has
  /// neither.
  template <class Next>
  void rewrite(std::uint64_t lines, const Next& next) {
    for (std::uint64_t i = 0; i < lines; ++i) pop_newest();
    for (std::uint64_t i = 0; i < lines; ++i) append(next());
  }

  // What goes.

  /// From here on lines go before all others (live ones, behind which history waits).
  void set_live_from(std::uint64_t offset) { live_from_ = offset; }
  std::uint64_t live_from() const { return live_from_; }
  /// The line that is to go next: neither resolved nor in flight. kNone: there is none.
  std::uint64_t next() const;
  /// The same among these alone.
  std::uint64_t next_of(const RangeSet& offsets) const;
  /// The line, where it is in memory.
  std::optional<LineBlock::Line> find(std::uint64_t offset) const;
  /// It is in flight; it was neither that nor resolved. `in_part`: more of it is to be sent, so it
  /// stays in memory until it is sent as a whole.
  void sent(std::uint64_t offset, bool in_part = false);
  /// The line of which more is to be sent; kNone: there is none.
  std::uint64_t in_part() const { return in_part_; }
  /// Nothing is in flight any more.
  void connection_ended();
  bool is_in_flight(std::uint64_t offset) const {
    return sent_.contains(offset) && !resolved_.contains(offset);
  }
  /// These have arrived, or were given up. Calls `resolved` for each range that was not resolved
  /// before: resolving what is resolved changes nothing.
  template <class Resolved>
  void resolve(OffsetRange range, const Resolved& resolved) {
    range.to = std::min(range.to, end_);
    std::vector<OffsetRange> gaps;  // most often a single one
    resolved_.each_gap(range, [&](OffsetRange gap) { gaps.push_back(gap); });
    for (const OffsetRange gap : gaps) {
      resolve_gap(gap);
      resolved(gap);
    }
  }
  /// The same; how many were not resolved before.
  std::uint64_t resolve(OffsetRange range) {
    std::uint64_t lines = 0;
    resolve(range, [&](OffsetRange gap) { lines += gap.size(); });
    return lines;
  }
  /// The same for those that are not in flight.
  template <class Resolved>
  void resolve_waiting(OffsetRange range, const Resolved& resolved) {
    std::vector<OffsetRange> parts;
    sent_.each_gap({range.from, std::min(range.to, end_)},
                   [&](OffsetRange part) { parts.push_back(part); });
    for (const OffsetRange part : parts) resolve(part, resolved);
  }

  // Memory and the store.

  /// Lines that memory alone has and that are not resolved.
  std::uint64_t unstored() const { return unstored_; }
  /// Of them, the oldest or the newest one that waits; kNone: there is none. Costs a look for each
  /// block, and for each line of its block.
  std::uint64_t oldest_waiting_unstored() const;
  std::uint64_t newest_waiting_unstored() const;
  /// The offsets whose lines are in the same block of memory as this one, which is in memory.
  OffsetRange block_around(std::uint64_t offset) const;
  /// Calls `take(offset, line)` for these, in their order, until it says false; costs as many looks
  /// as there are blocks from the oldest of them on.
  template <class Take>
  void each_unstored(const Take& take) const {
    auto block = blocks_.end();
    for (std::uint64_t left = unstored_; left > 0;) {
      --block;
      left -= block->second.unstored();
    }
    for (; block != blocks_.end(); ++block) {
      const LineBlock& lines = block->second;
      if (lines.unstored() == 0) continue;
      for (std::uint64_t at = lines.first(); at < lines.end(); ++at) {
        if (const LineBlock::Line line = lines.at(at); !line.stored && !take(at, line)) return;
      }
    }
  }
  /// The store has these now.
  void mark_stored(OffsetRange range);
  /// The store has these no more. Those that it had and that wait are resolved; what is in flight,
  /// or was rewritten since, memory alone has from now on, where it has it.
  template <class Resolved>
  void lost_by_store(OffsetRange range, const Resolved& resolved) {
    std::vector<OffsetRange> gone;
    range.to = std::min(range.to, end_);
    resolved_.each_gap(range, [&](OffsetRange gap) { split_lost(gap, gone); });
    for (const OffsetRange part : gone) resolve(part, resolved);
  }
  /// Takes the newest block out of memory that the store has and that does not hold the line
  /// `wanted`; the one that grows when there is no other. False: there is none.
  bool evict(std::uint64_t wanted = kNone);
  /// The first offsets at or above `offset` that are not in memory, not resolved and not in flight;
  /// empty: there are none.
  OffsetRange missing(std::uint64_t offset) const;
  /// A line of the store comes into memory. One that is there, or resolved, changes nothing.
  void fetched(std::uint64_t offset, std::string_view bytes, TimePoint received);

  /// Lines that wait in memory; costs a look for each block.
  std::uint64_t waiting_in_memory() const;
  /// Bytes of all lines in memory, and what they need beside.
  std::size_t memory() const { return memory_; }

  /// What must always hold; for tests. Nothing, or what does not.
  std::optional<std::string_view> broken_invariant() const;

 private:
  using Blocks = std::map<std::uint64_t, LineBlock>;  // by their first offset
  Blocks::const_iterator block_of(std::uint64_t offset) const;
  /// The block of the offset, or else the next one.
  Blocks::iterator block_at_or_behind(std::uint64_t offset);
  std::uint64_t lowest_from(std::uint64_t offset) const;
  std::uint64_t waiting_in(OffsetRange range) const;
  void pop_newest();
  /// Every change of a block goes through it, so that the sums are right.
  template <class Change>
  void change(LineBlock& block, const Change& how) {
    memory_ -= block.memory();
    unstored_ -= block.unstored();
    how();
    memory_ += block.memory();
    unstored_ += block.unstored();
  }
  void push(LineBlock& block, const LineBlock::Line& line);
  void erase(Blocks::const_iterator block);
  void resolve_gap(OffsetRange gap);
  void forget_resolved(OffsetRange range);
  void mark(OffsetRange range, bool stored);
  void split_lost(OffsetRange gap, std::vector<OffsetRange>& gone);

  std::size_t block_bytes_;
  std::uint64_t end_ = 0;
  std::uint64_t live_from_ = 0;
  RangeSet resolved_;
  RangeSet sent_;  // on the current connection, also those that are resolved by now
  std::uint64_t in_flight_ = 0;
  std::uint64_t in_part_ = kNone;  // the line that is sent in part
  Blocks blocks_;
  std::size_t memory_ = 0;
  std::uint64_t unstored_ = 0;
};

}  // namespace plotbridge::queue
