// Lines of all streams outside memory: where a line is put before its message is acknowledged, and
// read from when memory had no room for it. Each line has an offset along its stream, which is
// never given twice; the newest record of an offset counts, and a resolved one is not wanted any
// more, in whatever order the store is told. Not responsible for: what is in memory, what to give
// up when there is no room (outbox). Threads: one at a time appends, syncs, drops and expires; the
// rest may be called from any. All but `resolve` and `gauges` may wait for a disk.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/result.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace plotbridge::queue {

/// What earlier runs left of a stream.
struct Recovered {
  std::uint64_t end = 0;  // greater than every offset that was given
  RangeSet resolved;      // of the offsets before it those of which there is no line any more
};

/// Lines that the store has no more.
struct DroppedLines {
  std::size_t stream = 0;
  std::vector<OffsetRange> offsets;  // of lines that were not resolved
};

struct StoredLine {
  std::uint64_t offset = 0;
  std::string_view bytes;  // with the newline; valid inside the call that gives it
  WallTime received;
};

class LineStore {
 public:
  virtual ~LineStore() = default;

  /// Of stream number `stream`.
  virtual Recovered recovered(std::size_t stream) const = 0;

  enum class AppendResult : std::uint8_t {
    kYes,
    kNoRoom,  // the capacity is used up
    kFailed,  // the disk does not take it; the store says so in the log and tries again by itself
  };
  struct NewLine {
    std::size_t stream = 0;
    std::uint64_t offset = 0;
    std::string_view bytes;  // with the newline
    WallTime received;
    bool must_last = true;  // a broker will be told that it was accepted (QoS 1 and more)
  };
  struct Appended {
    std::size_t lines = 0;                   // the first of them, which are in the store now
    AppendResult rest = AppendResult::kYes;  // why not those behind; kYes: there are none
  };
  /// Lines that are in the store survive the end of the process, and with durability `power` that
  /// of the machine if they must last, from the next `sync` on.
  virtual Appended append(std::span<const NewLine> lines) = 0;
  /// From now on offsets before `end` count as given, whether a line comes for each or not. False:
  /// the disk does not take that.
  virtual bool reserve(std::size_t stream, std::uint64_t end) = 0;
  /// After the last line of a message, and whatever came of its lines: waits for the disk once, for
  /// all that must last. False: the disk failed; the store says so in the log, is degraded, and
  /// writes the lines elsewhere by itself.
  virtual bool sync() { return true; }
  /// Drops the oldest lines, as many as make room for more; empty: there are none to drop.
  virtual std::vector<DroppedLines> drop_oldest() = 0;
  /// Both clocks, every few seconds and before `expire`: so that a wall clock that is set makes no
  /// line older or younger.
  virtual void on_clock_tick(const Moment&) {}
  /// Drops what is older than the greatest age.
  virtual std::vector<DroppedLines> expire(WallTime now) = 0;

  /// False: it has failed a moment ago and is not tried yet; `append` would answer kFailed.
  virtual bool may_try() { return true; }
  /// It is tried with the next line, however short ago it failed.
  virtual void retry() {}

  /// These lines have arrived, or are not wanted any more.
  virtual void resolve(std::size_t stream, OffsetRange offsets) = 0;
  /// Writes down what was resolved since; does not wait for the thread that appends. To be called
  /// several times a second while lines are resolved. `last`: for the last time, so it waits.
  virtual void flush(bool last = false) = 0;

  /// Gives the stream's lines from offset `from` on, in their order, those that are resolved left
  /// out, until `take` says false. kUnavailable: the disk does not give them.
  virtual Result<void> read(std::size_t stream, std::uint64_t from,
                            const std::function<bool(const StoredLine&)>& take) = 0;

  struct Gauges {
    std::size_t bytes = 0;      // on disk
    Duration oldest_age{0};     // of the oldest line that is not resolved
    bool degraded = false;      // the disk does not take lines: memory alone
    std::uint64_t damaged = 0;  // records of earlier runs that could not be read
    std::uint64_t dropped = 0;  // lines
    std::uint64_t failed_syncs = 0;
  };
  virtual Gauges gauges(WallTime now) const = 0;
};

}  // namespace plotbridge::queue
