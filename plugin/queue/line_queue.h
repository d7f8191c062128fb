// The lines of one stream between the pipeline and the connection, in order, bounded in lines and,
// together with all other queues, in bytes. Taking a line and letting it go are two steps: what was
// handed to a connection is kept until the other side has it, so that it can be sent again from the
// start of a line. With lanes there are three orders in one: what was handed out and comes back
// goes first, then live lines, then history. Leaves to others: locking, pacing, disk. One thread
// (or lock) at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/queue/id_ranges.h"
#include "plugin/queue/line_buffer.h"
#include "plugin/queue/memory_budget.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge::queue {

enum class WhenFull { kDropOldest, kDropNewest };

/// What a push cost.
struct Pushed {
  bool taken = false;
  /// Unsent lines that had to go for it.
  std::size_t dropped = 0;
  /// Of them, those that the store has.
  IdRanges gone;
};

class LineQueue {
 public:
  /// `capacity` counts lines that were never handed out: those that were, and come back, the
  /// endpoint may have, so that none of them is given up. `budget` outlives the queue.
  LineQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget);

  /// With a full queue something has to go: older lines, or this one.
  Pushed push(const QueuedLine& line);
  Pushed push(std::string_view bytes, TimePoint received) { return push({bytes, received}); }
  /// False when there is no room; then nothing has changed.
  bool push_if_room(const QueuedLine& line);
  /// Puts a line behind the others even if there is no room for it.
  void push_always(const QueuedLine& line) { live_.push_always(line); }
  /// Puts `line` in the place of the newest one. False when that is no longer here unsent.
  bool replace_newest(const QueuedLine& line);
  bool replace_newest(std::string_view bytes, TimePoint received) {
    return replace_newest({bytes, received});
  }
  /// Drops the line before the newest one, which gets its id. False when that is no longer here
  /// unsent.
  bool drop_before_newest();
  /// Drops the line that would be the next to go. Of this and all that follows that lets lines go:
  /// the ids of those that the store has; `exact`: and no others between them.
  IdRanges drop_front(bool exact = false) { return pop(this->*next_lane(), 1, exact); }
  /// Drops the oldest live lines.
  IdRanges drop_live(std::size_t lines, bool exact = false) { return pop(live_, lines, exact); }
  IdRanges drop_history() { return pop(history_, history_.lines(), true); }
  /// Drops the oldest lines of each lane that have ids from `from` to before `to`, but for those
  /// that were handed out. Their number.
  std::size_t drop_ids(std::uint64_t from, std::uint64_t to);

  bool has_unsent() const { return !live_.empty() || !history_.empty() || !again_.empty(); }
  std::size_t unsent() const { return again_.lines() + live_.lines() + history_.lines(); }
  /// Of the unsent lines, those that were handed out before and go first,
  std::size_t again() const { return again_.lines(); }
  /// those that can still be replaced,
  std::size_t live() const { return live_.lines(); }
  /// and those that go when nothing else waits.
  std::size_t history() const { return history_.lines(); }
  /// Lines handed out and not let go.
  std::size_t in_flight() const { return in_flight_.lines(); }
  /// The number of the next line to go, or of the next to come. Numbers grow by one from line to
  /// line as they are handed out; a line that is sent again keeps its number, and the lines behind
  /// one that is dropped move up.
  std::uint64_t front_number() const { return front_number_; }
  /// The number of the oldest line in flight, or of the next to go.
  std::uint64_t flight_number() const { return front_number_ - in_flight(); }
  /// From now on the next line to go has this number. Nothing may be in flight.
  void renumber(std::uint64_t front);

  void keep_lanes() { lanes_ = true; }
  bool keeps_lanes() const { return lanes_; }
  /// What is live now is history, behind the history that there is.
  void begin_history();
  /// A line behind those that are to go again, or behind the history; room or not.
  void push_again(const QueuedLine& line);
  void push_history(const QueuedLine& line) { history_.push_always(line); }
  /// Whether ids may not grow along the lines that were handed out and those that wait.
  bool is_mixed() const { return !history_.empty() || flight_number() < mixed_before_; }

  /// The next line to go; there must be one. The newest live one likewise.
  QueuedLine front() const { return (this->*next_lane()).front(); }
  QueuedLine newest() const { return live_.back(); }
  /// The newest unsent one, history apart; there must be one.
  QueuedLine last() const { return (live_.empty() ? again_ : live_).back(); }
  /// The next line is handed out, at least its first part: it is in flight now.
  void advance();
  /// The line of the last `advance`, until anything is let go of or sent again.
  QueuedLine handed_out() const { return in_flight_.back(); }
  /// The `lines` oldest lines in flight have arrived.
  IdRanges release(std::size_t lines, bool exact = false);
  /// Everything in flight is unsent again. The number of lines.
  std::size_t rewind();
  /// Gives every line, lane by lane, the oldest first.
  template <class Take>
  void each(const Take& take) const {
    in_flight_.each(take);
    again_.each(take);
    history_.each(take);
    live_.each(take);
  }
  /// The store has those with smaller ids now.
  void mark_stored_before(std::uint64_t id) {
    for (LineBuffer* lane : {&in_flight_, &again_, &live_, &history_}) {
      lane->mark_stored_before(id);
    }
  }
  template <class Take>
  void each_handed_out(const Take& take) const {
    in_flight_.each(take);
    again_.each(take);
  }
  template <class Take>
  void each_live(const Take& take) const {
    live_.each(take);
  }

 private:
  static IdRanges pop(LineBuffer& buffer, std::size_t lines, bool exact);
  using Lane = LineBuffer LineQueue::*;
  Lane next_lane() const {
    if (!again_.empty()) return &LineQueue::again_;
    return !live_.empty() || history_.empty() ? &LineQueue::live_ : &LineQueue::history_;
  }
  std::size_t capacity_;
  WhenFull when_full_;
  bool lanes_ = false;
  LineBuffer in_flight_;
  LineBuffer again_;
  LineBuffer live_;
  LineBuffer history_;  // with lanes alone
  std::uint64_t front_number_ = 0;
  std::uint64_t mixed_before_ = 0;  // a line of history was handed out with the number before
};

}  // namespace plotbridge::queue
