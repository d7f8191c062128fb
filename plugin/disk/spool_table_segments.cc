// The part of the table that looks at whole segments.
#include "plugin/disk/spool_table.h"

#include <iterator>
#include <utility>

namespace plotbridge::disk {
namespace {

constexpr std::size_t kMostRunsAtOnce = 256;
constexpr std::uint64_t kDayMs = 24ULL * 60 * 60 * 1000;

}  // namespace

// What a segment says of a stream's lines concerns its own lines and those of older segments only:
// each record of a resolved line has one that says so in its own segment or a newer one (add_line
// and end_recovery see to it), and the newest record of an offset stands behind the others. So when
// the segment goes,
//  - records of lines in newer segments need nothing of it;
//  - of resolved lines that have a record in an older segment, it alone may say so: owed;
//  - of a line that is wanted and has its newest record here, an older one must not come back. A
//    segment that has such lines of configured streams goes only after all older ones
//    (SegmentStore), so there is none. One with such lines of other streams may go earlier: they
//    become resolved, and owed. That is written before the file goes, so a deletion that fails
//    may lose them, which nobody notices;
//  - it alone may prove `end`: owed.
void SpoolTable::before_drop(std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    bool more = stream.resolved_in.has(segment);
    if (is_orphan(i)) {
      for (const OffsetRange& offsets : drop_lines(i, segment)) {
        stream.resolved.add(offsets);
        more = true;
      }
    }
    const bool is_last_of_end = stream.end_in == segment && stream.end > 0;
    if (is_last_of_end || (more && stream.lines_in.first < segment)) owe(stream);
  }
}

std::vector<OffsetRange> SpoolTable::drop_lines(std::size_t stream, std::uint64_t segment) {
  Stream& entry = streams_[stream];
  std::vector<OffsetRange> dropped;
  if (!entry.lines_in.has(segment)) return dropped;
  for (const auto& [first, run] : entry.lines.runs()) {
    if (run.segment == segment) dropped.push_back({first, run.end});
  }
  for (const OffsetRange& offsets : dropped) {
    entry.lines.remove(offsets, gone_from(stream));
    dropped_ += offsets.size();
  }
  if (!dropped.empty()) see_front(entry);
  return dropped;
}

std::vector<queue::DroppedLines> SpoolTable::drop(std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  std::vector<queue::DroppedLines> all_dropped;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto dropped = drop_lines(i, segment);
    if (!dropped.empty()) all_dropped.push_back({i, std::move(dropped)});
    Span& lines_in = streams_[i].lines_in;
    if (lines_in.first == segment) {
      const auto next = segments_.upper_bound(segment);
      const bool more = next != segments_.end() && next->first <= lines_in.last;
      lines_in = more ? Span{next->first, lines_in.last} : Span();
    }
  }
  if (const auto entry = segments_.find(segment); entry != segments_.end()) {
    bytes_ -= entry->second.bytes;
    segments_.erase(entry);
  }
  return all_dropped;
}

std::vector<std::uint64_t> SpoolTable::segments() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> all;
  for (const auto& [number, segment] : segments_) all.push_back(number);
  return all;
}

bool SpoolTable::has(std::uint64_t segment) const {
  const std::lock_guard lock(mutex_);
  return segments_.contains(segment);
}

std::vector<std::uint64_t> SpoolTable::unwanted(bool with_orphans) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> all;
  for (const auto& [number, segment] : segments_) {
    if (segment.lines == (with_orphans ? segment.orphans : 0)) all.push_back(number);
  }
  return all;
}

std::vector<std::uint64_t> SpoolTable::expired(std::uint64_t now_ms,
                                               std::uint64_t max_age_ms) const {
  const std::lock_guard lock(mutex_);
  // Segments stand in the order in which they were written. A time that is earlier than what stands
  // before it, or that has not come yet, was told by a clock that was wrong: the place tells more.
  const std::uint64_t latest = now_ms + kDayMs;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> newest;  // segment, time
  std::uint64_t before = 0;
  for (const auto& [number, segment] : segments_) {
    if (!segment.newest_ms || segment.lines == 0) continue;
    if (*segment.newest_ms <= latest) before = std::max(before, *segment.newest_ms);
    newest.emplace_back(number, *segment.newest_ms <= latest ? before : *segment.newest_ms);
  }
  std::uint64_t behind = now_ms;
  std::optional<std::uint64_t> last;
  for (auto entry = newest.rbegin(); entry != newest.rend() && !last; ++entry) {
    if (entry->second <= latest) behind = entry->second;
    if (behind + max_age_ms < now_ms) last = entry->first;
  }
  std::vector<std::uint64_t> all;
  for (const auto& [number, segment] : segments_) {
    if (last && number <= *last) all.push_back(number);
  }
  return all;
}

std::optional<SpoolTable::Portion> SpoolTable::portion(std::size_t stream,
                                                       std::uint64_t from) const {
  const std::lock_guard lock(mutex_);
  const LineRuns& lines = streams_[stream].lines;
  auto run = lines.from(from);
  if (run == lines.runs().end()) return std::nullopt;
  Portion portion;
  portion.segment = run->second.segment;
  portion.bytes = segments_.at(portion.segment).bytes;
  for (; run != lines.runs().end() && run->second.segment == portion.segment &&
         portion.offsets.size() < kMostRunsAtOnce;
       ++run) {
    portion.offsets.push_back({std::max(run->first, from), run->second.end});
  }
  return portion;
}

RangeSet SpoolTable::without_lines(const Stream& stream) {
  RangeSet without;
  std::uint64_t from = 0;
  for (const auto& [first, run] : stream.lines.runs()) {
    without.add({from, first});
    from = run.end;
  }
  without.add({from, stream.end});
  return without;
}

queue::Recovered SpoolTable::recovered(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  return {streams_[stream].end, without_lines(streams_[stream])};
}

std::uint64_t SpoolTable::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::uint64_t SpoolTable::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

std::uint64_t SpoolTable::orphan_lines() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t lines = 0;
  for (const auto& [number, segment] : segments_) lines += segment.orphans;
  return lines;
}

std::uint64_t SpoolTable::newest_ms() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t newest = 0;
  for (const auto& [number, segment] : segments_) {
    if (segment.lines > 0) newest = std::max(newest, segment.newest_ms.value_or(0));
  }
  return newest;
}

std::optional<std::uint64_t> SpoolTable::oldest_ms() const {
  const std::lock_guard lock(mutex_);
  std::optional<std::uint64_t> oldest;
  for (std::size_t i = 0; i < configured_; ++i) {
    const auto of_stream = streams_[i].ages.oldest_ms();
    if (of_stream && (!oldest || *of_stream < *oldest)) oldest = of_stream;
  }
  return oldest;
}

}  // namespace plotbridge::disk
