// The lines of one stream in memory and behind them in a store: the oldest of each lane are here,
// what has no room is there, and what has to last is there in any case. It keeps the accounts; the
// owner calls the store, because that may take its time, and tells what came of it. Leaves to
// others: locking, the disk (line_store), what to give up (intake). One thread (or lock) at a time.
#pragma once

#include "plugin/model/arrival.h"
#include "plugin/queue/id_ranges.h"
#include "plugin/queue/line_queue.h"
#include "plugin/queue/line_store.h"
#include "plugin/queue/number_runs.h"

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
  /// Unsent lines that only the store has; and those of them that are live.
  std::size_t spooled() const;
  std::size_t spooled_live() const { return spooled_; }
  std::size_t unsent() const { return memory_.unsent() + spooled(); }
  /// Those that do not wait as history, nor were handed out before.
  std::size_t live() const { return memory_.live() + spooled_; }

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
  /// The same, at the cost of others as the queue was told. Only while nothing live is spooled.
  Pushed push(std::string_view bytes, TimePoint received);
  void push_always(std::string_view bytes, TimePoint received) {
    memory_.push_always({bytes, received, next_id_++, false});
  }

  /// The newest live line, if it is in memory.
  std::optional<QueuedLine> newest() const;
  /// Replaces the newest line by one that the store has in its place.
  void replace_newest_stored(std::string_view bytes, TimePoint received);

  /// The line before the newest one goes, and the newest one gets its id; `stored`: in the store,
  /// too. False: it is no longer here unsent.
  bool drop_before_newest(bool stored);

  /// With lanes: all that waits and was not handed out becomes history, which goes when nothing
  /// else waits.
  void begin_history();

  enum class Lane : std::uint8_t { kNone, kLive, kHistory };
  /// The lane of which lines must come from the store before the next line can go.
  Lane missing() const;
  bool is_ready() const { return memory_.has_unsent() && missing() == Lane::kNone; }
  /// Unsent lines that only the store has, among these ids.
  struct Spooled {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::size_t lines = 0;
  };
  /// The oldest of a lane.
  Spooled spooled_of(Lane lane) const;
  /// A line of the store comes into memory. They come in order.
  void fetched(Lane lane, const StoredLine& line, TimePoint received);
  /// The store has no more than was fetched: the number of lines that are missing.
  std::size_t miss(Lane lane, std::size_t lines);
  /// The store has given these up, and memory does, too, but for those that were handed out. Their
  /// number.
  std::size_t lost(const Lost& lines);
  /// How many lines that were handed out the store has given up: they may still arrive, but do not
  /// outlive the process.
  std::size_t outlived() const;

  // Of all that follows that lets lines go: what to tell the store that is needed no more.

  /// The oldest lines in flight have arrived.
  IdRanges release(std::size_t lines);
  /// The next line goes away.
  IdRanges drop_front();
  /// All unsent lines but the newest go away; `dropped` is set to their number.
  IdRanges drop_backlog(std::size_t& dropped);

  /// False: lines of an earlier run had numbers, and the endpoint has not said where it is.
  bool knows_place() const { return place_known_; }
  /// What the endpoint has of an earlier run's lines is released: it goes on at `number`, which the
  /// next line has from now on. `lines` of them are between the ids of `arrived`.
  IdRanges go_on_at(std::uint64_t number, std::size_t lines);
  /// Between which ids those are that the store alone has.
  struct Arrived {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::size_t ids() const { return static_cast<std::size_t>(to - from); }
  };
  Arrived arrived(std::uint64_t number) const;
  /// Whether the ids that the store alone has are more than its lines: damage leaves holes.
  bool has_holes() const { return stored_end_ - spool_front_ != spooled_; }
  /// Where the store has the first live line that is not in memory.
  std::uint64_t spool_front() const { return spool_front_; }

  /// Whether `resume` has to take the place of `go_on_at`: an earlier run's lines did not go in the
  /// order of their ids.
  bool resumes() const;
  /// A line of an earlier run that the endpoint may have or not.
  struct HandedOut {
    std::uint64_t id = 0;
    std::uint64_t number = 0;
    bool certain = true;  // false: it may have been just about to be handed out
  };
  struct Resumption {
    IdRanges arrived;
    std::vector<HandedOut> again;  // by number
    Spooled among;                 // where the store has these and the others that are left
  };
  /// The endpoint goes on at `number`: `resume` says with which lines.
  Resumption resume_at(std::uint64_t number);
  /// The lines to begin with, the first of which gets the number `number`; lines before number
  /// `known_before` have it in the store, too. The rest is as `spooled` says, by id.
  void resume(std::uint64_t number, const std::vector<QueuedLine>& again,
              std::uint64_t known_before, std::vector<Spooled> spooled);

  /// The next line is about to be handed out to an endpoint that counts: what the store has to know
  /// before.
  std::optional<Numbering> note();

  /// Whether memory alone may have lines. They are newer than all that the store has, if nothing is
  /// stored before they are.
  bool has_unstored() const { return stored_end_ < next_id_; }
  /// Whether so many of the newest live lines are such.
  bool are_unstored(std::size_t newest) const {
    return memory_.live() > 0 && memory_.newest().id + 1 >= stored_end_ + newest;
  }
  template <class Take>
  void each_unstored(const Take& take) const {
    memory_.each([&](const QueuedLine& line) {
      if (!line.stored && line.id != QueuedLine::kNoId) take(line);
    });
  }
  /// The store has all with smaller ids by now.
  void stored_before(std::uint64_t id);
  /// All that memory alone has is about to come into the store, until `stored_before` is called:
  /// what the store has to know first of those that were handed out.
  std::vector<Numbering> number_flight();

 private:
  bool has_arrived(std::uint64_t id, std::uint64_t number) const;
  bool has_stored_lines() const { return released_to_ < stored_end_; }
  /// Whether a line may be let go of while lines with smaller ids are wanted.
  bool is_mixed() const { return memory_.is_mixed() || !history_.empty(); }
  IdRanges released(IdRanges ids, bool exact);
  void forget_old_numbers();
  IdRanges release_to(std::uint64_t id);
  IdRanges drop_backlog_of_lanes(std::size_t& dropped);
  bool is_handed_out(std::uint64_t from, std::uint64_t to) const;
  void forget_notes();
  std::optional<Numbering> note_in_lanes(std::uint64_t id, std::uint64_t number, bool stored);

  LineQueue memory_;
  std::uint64_t next_id_ = 0;
  std::size_t spooled_ = 0;  // live
  std::uint64_t spool_front_ = 0;
  std::vector<Spooled> history_;   // by id, and none is empty
  std::uint64_t stored_end_ = 0;   // behind the newest line that the store has; it has all before
  std::uint64_t released_to_ = 0;  // ids before it were told to the store
  std::uint64_t given_up_to_ = 0;  // ids before it were given up by the store
  std::uint64_t storing_before_ = 0;  // those before it are about to be stored
  // As the store knows them. With lanes those of an earlier run alone, until the endpoint has said
  // where it is.
  NumberRuns numbers_;
  bool place_known_ = true;  // the endpoint has said so, or there is no earlier run
  std::uint64_t recovered_end_ = 0;
  // With lanes: the last run, and the number before which all lines that had one have it still.
  std::optional<Numbering> run_;
  std::uint64_t noted_before_ = 0;
  // The number behind the last one that the store takes for that of one of its lines.
  std::uint64_t said_before_ = 0;
};

}  // namespace plotbridge::queue
