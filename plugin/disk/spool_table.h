// What is known in memory of the spool: which lines of which stream are in which segment, and what
// the segments still have to say when one of them goes. It is told of each record, when it is
// written as when it is found at the start. Leaves to others: files (spool_writer, spool_reader).
// Any thread; its lock is held for moments. What a drop, `take_releases` or `take_owed` began, the
// same thread ends before another record is written.
#pragma once

#include "plugin/disk/age_marks.h"
#include "plugin/disk/line_runs.h"
#include "plugin/disk/spool_record.h"
#include "plugin/queue/line_store.h"
#include "plugin/queue/number_runs.h"

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
#include <utility>
#include <vector>

namespace plotbridge::disk {

class SpoolTable {
 public:
  /// Streams have numbers: first those of `names`, then those that are found and not configured.
  explicit SpoolTable(std::span<const std::string> names);

  std::uint64_t key(std::size_t stream) const { return keys_[stream]; }  // of a configured one
  void add_segment(std::uint64_t segment, std::uint64_t bytes);
  void set_bytes(std::uint64_t segment, std::uint64_t bytes);
  /// A record stands in the segment now.
  void apply(const SpoolRecord& record, std::uint64_t segment);
  /// All that stood in files at the start was told.
  void end_recovery();
  void apply(std::size_t stream, const SpoolRecord& record, std::uint64_t segment);

  /// Whether the stream's line is wanted.
  bool has_line(std::size_t stream, std::uint64_t id) const;
  /// A line that was already told stands in this segment, too, and there alone from now on.
  void moved(std::size_t stream, const SpoolRecord& line, std::uint64_t segment);

  /// A release that is not written yet.
  struct Release {
    std::size_t stream = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
  };
  void release(std::size_t stream, std::uint64_t from, std::uint64_t to);
  std::vector<Release> take_releases();
  void written(std::span<const Release> releases, std::uint64_t segment);
  void not_written(std::span<const Release> releases);
  /// A numbering that could not be written.
  void owe_numbering(std::size_t stream, queue::Numbering numbering);

  /// What must be written once more, because the records that said it go, or could not be written:
  /// the state of whole streams.
  struct Owed {
    std::vector<std::size_t> streams;
    std::string records;
  };
  Owed take_owed(std::size_t most_bytes);
  void written(const Owed& owed, std::uint64_t segment);
  void not_written(const Owed& owed);
  /// Owes what only this segment says and others need.
  void before_drop(std::uint64_t segment);
  /// The file is gone. The lines that were lost with it, of configured streams.
  std::vector<queue::Lost> drop(std::uint64_t segment);

  std::vector<std::uint64_t> segments() const;
  bool has(std::uint64_t segment) const;
  /// Those without a line that is still wanted; `with_orphans`: by a stream that is configured.
  std::vector<std::uint64_t> unwanted(bool with_orphans) const;
  std::vector<std::uint64_t> expired(std::uint64_t now_ms, std::uint64_t max_age_ms) const;

  /// Lines of a stream that are next to each other in one segment.
  struct Portion {
    std::uint64_t segment = 0;
    std::uint64_t bytes = 0;  // of the segment, as far as it is written
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ids;  // from, to before
  };
  std::optional<Portion> portion(std::size_t stream, std::uint64_t from_id) const;

  queue::Recovered recovered(std::size_t stream) const;
  std::uint64_t bytes() const;
  std::uint64_t given_up() const;
  std::uint64_t orphan_lines() const;
  std::optional<std::uint64_t> oldest_ms() const;
  /// When the newest line was received that is still wanted, about; 0: there is none.
  std::uint64_t newest_ms() const;

 private:
  static constexpr std::size_t kMostReleases = std::size_t{1} << 16;

  /// Segments in which something is, by the first and the last of them.
  struct Span {
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t last = 0;

    void add(std::uint64_t segment) {
      first = std::min(first, segment);
      last = std::max(last, segment);
    }
    bool has(std::uint64_t segment) const { return first <= segment && segment <= last; }
    bool empty() const { return first > last; }
  };
  struct Stream {
    std::uint64_t key = 0;
    LineRuns lines;
    queue::NumberRuns numbers;
    std::uint64_t lines_end = 0;  // behind the newest line
    std::uint64_t next_id = 0;
    std::uint64_t next_id_in = 0;  // the segment that proves it
    Span lines_in;                 // released ones, too
    Span released_in;              // what is said of lines in it or in older segments
    Span numbered_in;
    bool owed = false;
    std::uint64_t pending_end = 0;  // of its releases that are not written
    std::size_t pending_at = 0;     // the last of them
    AgeMarks ages;
  };
  struct Segment {
    std::uint64_t bytes = 0;
    std::uint64_t lines = 0;    // not released
    std::uint64_t orphans = 0;  // of them, those of streams that are not configured
    std::optional<std::uint64_t> newest_ms;
  };

  LineRuns::Gone gone_from(std::size_t stream);
  void apply_line(std::size_t stream, const SpoolRecord& record, std::uint64_t segment);
  void see(Stream& stream, std::uint64_t next_id, std::uint64_t segment);
  void settle(Stream& stream);
  void owe(Stream& stream);
  void append_state(const Stream& stream, std::string& out) const;
  void apply_locked(std::size_t stream, const SpoolRecord& record, std::uint64_t segment);
  bool is_orphan(std::size_t stream) const { return stream >= configured_; }

  const std::size_t configured_;
  bool recovering_ = true;
  std::vector<std::uint64_t> keys_;
  mutable std::mutex mutex_;
  std::vector<Stream> streams_;
  std::unordered_map<std::uint64_t, std::size_t> by_key_;
  std::map<std::uint64_t, Segment> segments_;
  std::vector<Release> pending_;
  std::size_t owing_ = 0;  // streams that are owed
  std::uint64_t bytes_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace plotbridge::disk
