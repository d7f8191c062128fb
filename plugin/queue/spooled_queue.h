// The lines of one stream in memory and behind them in a store: the oldest are here, what has no
// room is there, and what has to last is there in any case. It keeps the accounts; the owner calls
// the store, because that may take its time, and tells what came of it. Leaves to others: locking,
// the disk (line_store), what to give up (intake). One thread (or lock) at a time.
#pragma once

#include "plugin/model/arrival.h"
#include "plugin/queue/line_queue.h"
#include "plugin/queue/line_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace plotbridge::queue {

class SpooledQueue {
 public:
  SpooledQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget)
      : memory_(capacity, when_full, budget) {}
  /// Begins with what an earlier run left.
  void start(Recovered recovered);

  LineQueue& memory() { return memory_; }
  const LineQueue& memory() const { return memory_; }
  /// Unsent lines that only the store has.
  std::size_t spooled() const { return spooled_; }
  std::size_t unsent() const { return memory_.unsent() + spooled_; }

  /// The id of the next line.
  std::uint64_t next_id() const { return next_id_; }
  /// Whether the next line has to be in the store: because it must last, or for the sake of order.
  /// When it need not be and has no room, it has to be, too.
  bool belongs_in_store(bool must_last) const {
    return must_last || spooled_ > 0 || has_stored_lines();
  }
  /// A line that the store has as `next_id`.
  void append_stored(std::string_view bytes, TimePoint received);
  /// One that memory alone has; false: there is no room.
  bool append_in_memory(std::string_view bytes, TimePoint received);
  /// The same, at the cost of others as the queue was told. Only while nothing is spooled.
  Pushed push(std::string_view bytes, TimePoint received);

  /// The newest unsent line, if it is in memory.
  std::optional<QueuedLine> newest() const;
  /// Replaces the newest line by one that the store has in its place.
  void replace_newest_stored(std::string_view bytes, TimePoint received);

  /// The line before the newest one goes, and the newest one gets its id; `stored`: in the store,
  /// too. False: it is no longer here unsent.
  bool drop_before_newest(bool stored);

  /// Where the store has the first line that is not in memory.
  std::uint64_t spool_front() const { return spool_front_; }
  /// A line of the store comes into memory. They come in order.
  void fetched(const StoredLine& line, TimePoint received);
  /// The store has no more than was fetched: the number of lines that are missing.
  std::size_t miss(std::size_t lines);
  /// The store has given these up: how many of them were nowhere else.
  std::size_t lost(const Lost& lines);

  /// Ids up to this one are needed no more, where that has grown: to be told to the store.
  struct Release {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    bool empty() const { return from >= to; }
  };
  /// The oldest lines in flight have arrived.
  Release release(std::size_t lines);
  /// The oldest unsent line goes away.
  Release drop_front();
  /// All unsent lines but the newest go away; `dropped` is set to their number.
  Release drop_backlog(std::size_t& dropped);

  /// What the endpoint has of an earlier run's lines is released: it goes on at `number`, which the
  /// oldest unsent line has from now on. `lines` of them are between the ids of `arrived`.
  Release go_on_at(std::uint64_t number, std::size_t lines);
  /// Between which ids those are that the store alone has.
  struct Arrived {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::size_t ids() const { return static_cast<std::size_t>(to - from); }
  };
  Arrived arrived(std::uint64_t number) const;
  /// Whether the ids that the store alone has are more than its lines: damage leaves holes.
  bool has_holes() const { return stored_end_ - spool_front_ != spooled_; }
  /// The numbering that the store has to know before the oldest unsent line is handed out.
  std::optional<Numbering> unknown_numbering() const;
  void numbering_known(const Numbering& numbering) { offset_ = numbering.number - numbering.id; }

  /// What is left in memory alone and may be put behind the store's lines, oldest first.
  template <class Take>
  void each_unstored(const Take& take) const {
    memory_.each([&](const QueuedLine& line) {
      if (!line.stored && line.id >= stored_end_) take(line);
    });
  }

 private:
  bool has_arrived(std::uint64_t id, std::uint64_t number) const;
  bool has_stored_lines() const { return released_to_ < stored_end_; }
  Release released(const StoredIds& ids);
  Release release_to(std::uint64_t id);

  LineQueue memory_;
  std::uint64_t next_id_ = 0;
  std::size_t spooled_ = 0;
  std::uint64_t spool_front_ = 0;
  std::uint64_t stored_end_ = 0;       // behind the newest line that the store has
  std::uint64_t released_to_ = 0;      // ids before it were told to the store
  std::vector<Numbering> numberings_;  // of an earlier run, until the endpoint has said where it is
  std::optional<std::uint64_t> offset_;  // from ids to numbers, as the store knows it
};

}  // namespace plotbridge::queue
