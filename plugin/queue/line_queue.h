// The lines of one stream between the pipeline and the connection, in order, bounded in lines and,
// together with all other queues, in bytes. Taking a line and letting it go are two steps: what was
// handed to a connection is kept until the other side has it, so that it can be sent again from the
// start of a line. Leaves to others: locking, pacing, disk. One thread (or lock) at a time.
#pragma once

#include "plugin/base/time.h"
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
};

/// Lines that left the queue: those of them that the store has lie between these ids.
struct StoredIds {
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // behind the last one
  std::size_t lines = 0;
};

class LineQueue {
 public:
  /// `capacity` counts unsent lines. `budget` outlives the queue.
  LineQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget);

  /// With a full queue something has to go: older lines, or this one.
  Pushed push(const QueuedLine& line);
  Pushed push(std::string_view bytes, TimePoint received) { return push({bytes, received}); }
  /// False when there is no room; then nothing has changed.
  bool push_if_room(const QueuedLine& line);
  /// Puts a line behind the others even if there is no room for it.
  void push_always(const QueuedLine& line) {
    unsent_.push_always(line);
    ++end_number_;
  }
  /// Puts `line` in the place of the newest one. False when that is no longer here unsent.
  bool replace_newest(const QueuedLine& line);
  bool replace_newest(std::string_view bytes, TimePoint received) {
    return replace_newest({bytes, received});
  }
  /// Drops the line before the newest one, which gets its id. False when that is no longer here
  /// unsent.
  bool drop_before_newest();
  /// Drops the oldest unsent lines.
  StoredIds drop(std::size_t lines);

  bool has_unsent() const { return !unsent_.empty(); }
  std::size_t unsent() const { return unsent_.lines(); }
  /// Lines handed out and not let go.
  std::size_t in_flight() const { return in_flight_.lines(); }
  /// The number of the oldest unsent line, or of the next to come. Numbers grow by one from line to
  /// line as they are handed out; a line that is sent again keeps its number, and the lines behind
  /// one that is dropped move up.
  std::uint64_t front_number() const { return end_number_ - unsent(); }
  /// The number of the oldest line in flight, or of the oldest unsent one.
  std::uint64_t flight_number() const { return front_number() - in_flight(); }
  /// From now on the oldest unsent line has this number. Nothing may be in flight.
  void renumber(std::uint64_t front) { end_number_ = front + unsent(); }

  /// The oldest unsent line; there must be one. The newest one likewise.
  QueuedLine front() const { return unsent_.front(); }
  QueuedLine newest() const { return unsent_.back(); }
  /// The oldest unsent line is handed out, at least its first part: it is in flight now.
  void advance();
  /// The line of the last `advance`, until anything is let go of or sent again.
  QueuedLine handed_out() const { return in_flight_.back(); }
  /// The `lines` oldest lines in flight have arrived.
  StoredIds release(std::size_t lines);
  /// Everything in flight is unsent again. The number of lines.
  std::size_t rewind();
  /// Gives every line, the oldest first.
  template <class Take>
  void each(const Take& take) const {
    in_flight_.each(take);
    unsent_.each(take);
  }

 private:
  static StoredIds pop(LineBuffer& buffer, std::size_t lines);

  std::size_t capacity_;
  WhenFull when_full_;
  LineBuffer in_flight_;
  LineBuffer unsent_;
  std::uint64_t end_number_ = 0;  // of the next line to come
};

}  // namespace plotbridge::queue
