// What is known in memory of the spool: which lines of which stream are in which segment, which
// offsets are resolved, and what the segments still have to say when one of them goes. It is told
// of each record, when it is written as when it is found at the start. Not responsible for: files
// (spool_writer, spool_reader). Any thread; its lock is held for moments. What a drop,
// `take_resolved` or `take_owed` began, the same thread ends before another record is written.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/disk/age_marks.h"
#include "plugin/disk/line_runs.h"
#include "plugin/disk/spool_record.h"
#include "plugin/queue/line_store.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace plotbridge::disk {

/// A line on its way to a file.
struct SpoolLine {
  std::size_t stream = 0;
  SpoolRecord record;
  bool must_last = true;
};

class SpoolTable {
 public:
  /// Streams have numbers: first those of `names`, then those that are found and not configured.
  explicit SpoolTable(std::span<const std::string> names);

  std::uint64_t key(std::size_t stream) const { return keys_[stream]; }  // of a configured one
  void add_segment(std::uint64_t segment, std::uint64_t bytes);
  void set_bytes(std::uint64_t segment, std::uint64_t bytes);

  /// A record stands in the segment: one that was found at the start, or a line that was written
  /// once more.
  void apply(const SpoolRecord& record, std::uint64_t segment);
  /// All that stood in files at the start was told.
  void end_recovery();
  void wrote(std::span<const SpoolLine> lines, std::uint64_t segment);
  void wrote_reservation(std::size_t stream, std::uint64_t end, std::uint64_t segment);
  /// Whether the line of the record is wanted.
  bool wants(const SpoolRecord& line) const;

  struct Resolved {
    std::size_t stream = 0;
    OffsetRange offsets;
  };
  void resolve(std::size_t stream, OffsetRange offsets);
  /// What was resolved and is not written yet.
  std::vector<Resolved> take_resolved();
  void written(std::span<const Resolved> resolved, std::uint64_t segment);
  void not_written(std::span<const Resolved> resolved);

  /// What must be written once more, because the records that said it go, or could not be written:
  /// the state of whole streams.
  struct Owed {
    std::vector<std::size_t> streams;
    std::string records;
  };
  Owed take_owed(std::size_t most_bytes);
  void written(const Owed& owed, std::uint64_t segment);
  void not_written(const Owed& owed);
  /// Owes what only this segment says and others need. What it has of streams that are not
  /// configured is dropped.
  void before_drop(std::uint64_t segment);
  /// The file is gone, and with it lines of configured streams. A segment with such lines must be
  /// the oldest one.
  std::vector<queue::DroppedLines> drop(std::uint64_t segment);

  std::vector<std::uint64_t> segments() const;
  bool has(std::uint64_t segment) const;
  /// Those without a line that is still wanted; `with_orphans`: by a stream that is configured.
  std::vector<std::uint64_t> unwanted(bool with_orphans) const;
  /// All up to the last one whose lines are too old.
  std::vector<std::uint64_t> expired(std::uint64_t now_ms, std::uint64_t max_age_ms) const;

  /// Lines of a stream that are next to each other in one segment.
  struct Portion {
    std::uint64_t segment = 0;
    std::uint64_t bytes = 0;  // of the segment, as far as it is written
    std::vector<OffsetRange> offsets;
  };
  std::optional<Portion> portion(std::size_t stream, std::uint64_t from) const;

  queue::Recovered recovered(std::size_t stream) const;
  std::uint64_t bytes() const;
  std::uint64_t dropped() const;
  std::uint64_t orphan_lines() const;
  std::optional<std::uint64_t> oldest_ms() const;
  /// When the newest line was received that is still wanted, about; 0: there is none.
  std::uint64_t newest_ms() const;

 private:
  // Then a stream is owed as a whole.
  static constexpr std::size_t kMostPending = std::size_t{1} << 16;

  /// Segments in which something is, by the first and the last of them.
  struct Span {
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t last = 0;

    void add(std::uint64_t segment) {
      first = std::min(first, segment);
      last = std::max(last, segment);
    }
    bool has(std::uint64_t segment) const { return first <= segment && segment <= last; }
  };
  struct Stream {
    std::uint64_t key = 0;
    LineRuns lines;     // those that are wanted, by where their newest record is
    RangeSet resolved;  // not in it: lines, what memory alone has, and what was dropped
    RangeSet pending;   // of it, what no file says yet
    std::uint64_t end = 0;
    std::uint64_t end_in = 0;  // the segment that proves it
    Span lines_in;             // records of lines, wanted or not
    Span resolved_in;          // records of what is resolved
    bool owed = false;
    AgeMarks ages;
  };
  struct Segment {
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;    // that are wanted
    std::uint64_t orphans = 0;  // of them, those of streams that are not configured
    std::optional<std::uint64_t> newest_ms;
  };
  struct Found {
    Resolved resolved;
    std::uint64_t segment = 0;
  };

  LineRuns::Gone gone_from(std::size_t stream);
  void add_line(std::size_t stream, const SpoolRecord& line, std::uint64_t segment);
  void pend(std::size_t stream, OffsetRange offsets);
  std::vector<OffsetRange> drop_lines(std::size_t stream, std::uint64_t segment);
  static void see_end(Stream& stream, std::uint64_t end, std::uint64_t segment);
  static void see_front(Stream& stream);
  static void fill_gaps(Stream& stream);
  void owe(Stream& stream);
  static RangeSet without_lines(const Stream& stream);
  static void append_state(const Stream& stream, std::string& out);
  bool is_orphan(std::size_t stream) const { return stream >= configured_; }

  const std::size_t configured_;
  std::vector<std::uint64_t> keys_;
  mutable std::mutex mutex_;
  std::vector<Stream> streams_;
  std::unordered_map<std::uint64_t, std::size_t> by_key_;
  std::map<std::uint64_t, Segment> segments_;
  std::vector<Found> found_;  // at the start, until all lines are known
  std::vector<std::size_t> pending_streams_;
  std::size_t pending_ = 0;  // ranges of all streams
  std::size_t owing_ = 0;    // streams that are owed
  std::uint64_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace plotbridge::disk
