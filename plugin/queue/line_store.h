// Lines of all streams outside memory: where a line is put before it counts as taken, and read from
// when memory had no room for it. Each line has an id, which grows along its stream and is never
// given twice. Leaves to others: what is in memory, what to give up when there is no room (intake).
// One thread at a time appends, syncs and gives up; the rest may be called from any. All but
// `release` and `gauges` may wait for a disk.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

namespace plotbridge::queue {

/// No line has this number.
constexpr std::uint64_t kNoNumber = std::numeric_limits<std::uint64_t>::max() >> 1U;

/// The line with this id has this number at the endpoint, and those behind it count up with their
/// ids: so many lines, and never more than are handed out before the next numbering.
struct Numbering {
  static constexpr std::uint64_t kOpen = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t id = 0;
  std::uint64_t number = 0;
  std::uint64_t lines = kOpen;
};

/// Lines of an earlier run that were not released.
struct Recovered {
  std::uint64_t front_id = 0;  // of the oldest of them
  std::uint64_t next_id = 0;   // greater than every id that was ever seen
  std::size_t lines = 0;
  std::vector<Numbering> numberings;  // as NumberRuns has them
};

/// Lines that were given up.
struct Lost {
  std::size_t stream = 0;
  std::uint64_t first_id = 0;
  std::uint64_t end_id = 0;  // behind the last one
  std::size_t lines = 0;     // of the ids between, those that were there and not released
};

struct StoredLine {
  std::uint64_t id = 0;
  std::string_view bytes;  // with the newline; valid inside the call that gives it
  WallTime received;
};

class LineStore {
 public:
  virtual ~LineStore() = default;

  /// What an earlier run left for stream number `stream`.
  virtual Recovered recovered(std::size_t stream) const = 0;

  enum class Kept : std::uint8_t {
    kYes,
    kNoRoom,  // the capacity is used up
    kFailed,  // the disk does not take it; the store says so in the log and tries again by itself
  };
  struct NewLine {
    std::uint64_t id = 0;
    std::string_view bytes;  // with the newline
    WallTime received;
    bool must_last = true;  // a broker will be told that it was taken (QoS 1 and more)
  };
  /// Once it returned kYes the line survives the end of the process, and with durability `power`
  /// that of the machine if it must last, from the next `sync` on.
  virtual Kept append(std::size_t stream, const NewLine& line) = 0;
  /// The same; it takes the place of the line with its id, and lines with greater ids are gone.
  virtual Kept replace(std::size_t stream, const NewLine& line) = 0;
  /// After the last line of a message, and whatever came of its lines: waits for the disk once, for
  /// all that must last. False: the disk failed; the store says so in the log, is degraded, and
  /// writes the lines elsewhere by itself.
  virtual bool sync() { return true; }
  /// Gives up the oldest lines, as many as make room for more; empty: there are none to give up.
  virtual std::vector<Lost> give_up_oldest() = 0;
  /// Both clocks, every few seconds and before `expire`: so that a wall clock that is set makes no
  /// line older or younger.
  virtual void see_clocks(const Moment&) {}
  /// Gives up what is older than the greatest age.
  virtual std::vector<Lost> expire(WallTime now) = 0;

  /// False: it has failed a moment ago and is not tried yet; `append` would answer kFailed.
  virtual bool may_try() { return true; }
  /// It is tried with the next line, however short ago it failed.
  virtual void retry() {}

  /// Lines from `from_id` to before `to_id` have arrived, or are not wanted any more.
  virtual void release(std::size_t stream, std::uint64_t from_id, std::uint64_t to_id) = 0;
  /// From this number on the numbers of the stream's lines are these.
  virtual void number(std::size_t stream, Numbering numbering) = 0;
  /// Writes down what was released since; does not wait for the thread that appends. To be called
  /// several times a second while lines are released. `last`: for the last time, so it waits.
  virtual void flush(bool last = false) = 0;

  /// Gives the stream's lines from `from_id` on, by id, those that were released left out, until
  /// `take` says false. kUnavailable: the disk does not give them.
  virtual Result<void> read(std::size_t stream, std::uint64_t from_id,
                            const std::function<bool(const StoredLine&)>& take) = 0;

  struct Gauges {
    std::size_t bytes = 0;       // on disk
    Duration oldest_age{0};      // of the oldest line that is not released
    bool degraded = false;       // the disk does not take lines: memory alone
    std::uint64_t damaged = 0;   // records of earlier runs that could not be read
    std::uint64_t given_up = 0;  // lines
    std::uint64_t failed_syncs = 0;
  };
  virtual Gauges gauges(WallTime now) const = 0;
};

}  // namespace plotbridge::queue
