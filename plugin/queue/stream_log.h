// The lines of one stream from the moment they come until they are resolved: each has an offset,
// which is given once. The log knows which offsets are resolved, which are on their way on the
// current connection, and the bytes of those that are in memory; what is not in memory the store
// has. It is a cache of what is to be sent, so nothing here has an order but the offsets. Costs: a
// look is the logarithm of ranges and blocks. Leaves to others: the store, what to give up when
// there is no room, why something is resolved, pace. One thread (or lock) at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/queue/line_block.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace plotbridge::queue {

class StreamLog {
 public:
  static constexpr std::uint64_t kNone = RangeSet::kNone;

  StreamLog() = default;
  /// Goes on where an earlier run ended: all before `end` are resolved, or the store has them.
  StreamLog(std::uint64_t end, RangeSet resolved) : end_(end), resolved_(std::move(resolved)) {}

  /// The offset of the next line that comes.
  std::uint64_t end() const { return end_; }
  /// The lowest one that is not resolved; `end` when all are.
  std::uint64_t begin() const { return resolved_.first_gap(0); }
  std::uint64_t unresolved() const { return end_ - resolved_.size(); }
  std::uint64_t in_flight() const { return in_flight_; }
  std::uint64_t waiting() const { return unresolved() - in_flight_; }
  const RangeSet& resolved() const { return resolved_; }

  // What comes.

  /// How much more memory another line would take.
  std::size_t growth(std::size_t size) const;
  /// A line into memory; `stored`: the store has it, too. Its offset.
  std::uint64_t append(const LineBlock::Line& line);
  /// A line that the store alone has. Its offset.
  std::uint64_t append_stored() { return end_++; }
  /// Whether the newest `lines` lines can be rewritten: none is resolved, on its way, or out of
  /// memory.
  bool can_rewrite(std::uint64_t lines) const;
  /// Puts others in the place of the newest `lines` ones. They must be such.
  template <class Next>
  void rewrite(std::uint64_t lines, const Next& next) {
    for (std::uint64_t i = 0; i < lines; ++i) pop_newest();
    for (std::uint64_t i = 0; i < lines; ++i) append(next());
  }

  // What goes.

  /// From here on lines go before all others (live ones, behind which history waits).
  void set_live_from(std::uint64_t offset) { live_from_ = offset; }
  std::uint64_t live_from() const { return live_from_; }
  /// The line that is to go next: neither resolved nor on its way. kNone: there is none.
  std::uint64_t next() const;
  /// The line, where it is in memory.
  std::optional<LineBlock::Line> find(std::uint64_t offset) const;
  /// It is on its way; it was neither that nor resolved.
  void sent(std::uint64_t offset);
  /// Nothing is on its way any more.
  void connection_ended();
  bool is_in_flight(std::uint64_t offset) const {
    return sent_.contains(offset) && !resolved_.contains(offset);
  }
  /// These have arrived, or were given up. How many of them were not resolved before: resolving
  /// what is resolved changes nothing.
  std::uint64_t resolve(OffsetRange range);

  // The store.

  /// Gives each line that memory alone has, by offset.
  template <class Take>
  void each_unstored(const Take& take) const {
    for (const auto& [first, block] : blocks_) {
      if (block.all_stored()) continue;
      for (std::uint64_t at = block.first(); at < block.end(); ++at) {
        const LineBlock::Line line = block.at(at);
        if (!line.stored && !resolved_.contains(at)) take(at, line);
      }
    }
  }
  /// The store has these now.
  void mark_stored(OffsetRange range);
  /// Takes the newest block out of memory that the store has, but for the one that grows. False:
  /// there is none.
  bool evict();
  /// The first offsets at or above `offset` that are not in memory, not resolved and not on their
  /// way; empty: there are none.
  OffsetRange missing(std::uint64_t offset) const;
  /// A line of the store comes into memory. One that is there, or resolved, changes nothing.
  void fetched(std::uint64_t offset, std::string_view bytes, TimePoint received);

  /// Of all lines in memory.
  std::size_t memory() const { return memory_; }

  /// What must always hold; for tests. Nothing, or what does not.
  std::optional<std::string_view> broken_invariant() const;

 private:
  using Blocks = std::map<std::uint64_t, LineBlock>;  // by their first offset
  Blocks::const_iterator block_of(std::uint64_t offset) const;
  /// The block of the offset, or else the next one.
  Blocks::iterator block_at_or_behind(std::uint64_t offset);
  std::uint64_t lowest_from(std::uint64_t offset) const;
  void pop_newest();
  void push(LineBlock& block, const LineBlock::Line& line);
  void erase(Blocks::const_iterator block);
  void forget_resolved(OffsetRange range);

  std::uint64_t end_ = 0;
  std::uint64_t live_from_ = 0;
  RangeSet resolved_;
  RangeSet sent_;  // on the current connection, also those that are resolved by now
  std::uint64_t in_flight_ = 0;
  Blocks blocks_;
  std::size_t memory_ = 0;
};

}  // namespace plotbridge::queue
