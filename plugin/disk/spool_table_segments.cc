// The part of the table that looks at whole segments.
#include "plugin/disk/spool_table.h"

#include <iterator>

namespace plotbridge::disk {
namespace {

constexpr std::size_t kMostRunsAtOnce = 256;
constexpr std::uint64_t kDayMs = 24ULL * 60 * 60 * 1000;

}  // namespace

void SpoolTable::before_drop(std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    const bool elsewhere = !stream.lines_in.empty() &&
                           (stream.lines_in.first != segment || stream.lines_in.last != segment);
    if (is_orphan(i) && !elsewhere) continue;
    const bool ids = stream.next_id_in == segment && stream.next_id > 0;
    const bool numbers = stream.numbered_in.has(segment) && !stream.numbers.empty();
    // What it says of lines, it says of those that were written before.
    const bool releases = stream.released_in.has(segment) && stream.lines_in.first < segment;
    if (ids || numbers || releases) owe(stream);
  }
}

std::vector<queue::Lost> SpoolTable::drop(std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  std::vector<queue::Lost> all_lost;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    queue::Lost lost{i, 0, 0, 0};
    if (stream.lines_in.has(segment)) {
      std::vector<std::pair<std::uint64_t, std::uint64_t>> ids;
      for (const auto& [first, run] : stream.lines.runs()) {
        if (run.segment == segment) ids.emplace_back(first, run.end);
      }
      for (const auto& [first, end] : ids) {
        if (lost.lines == 0) lost.first_id = first;
        lost.end_id = end;
        lost.lines += end - first;
        stream.lines.remove(first, end, gone_from(i));
      }
    }
    if (lost.lines > 0) {
      given_up_ += lost.lines;
      settle(stream);
      if (!is_orphan(i)) all_lost.push_back(lost);
    }
    if (stream.lines_in.first == segment) {
      const auto next = segments_.upper_bound(segment);
      const bool more = next != segments_.end() && next->first <= stream.lines_in.last;
      stream.lines_in = more ? Span{next->first, stream.lines_in.last} : Span();
    }
  }
  if (const auto entry = segments_.find(segment); entry != segments_.end()) {
    bytes_ -= entry->second.bytes;
    segments_.erase(entry);
  }
  return all_lost;
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
  std::vector<std::pair<std::uint64_t, std::uint64_t>> newest;  // segment, time
  for (const auto& [number, segment] : segments_) {
    if (!segment.newest_ms || segment.lines == 0) continue;
    std::uint64_t time = *segment.newest_ms;
    if (time <= now_ms + kDayMs && !newest.empty() && newest.back().second <= now_ms + kDayMs) {
      time = std::max(time, newest.back().second);
    }
    newest.emplace_back(number, time);
  }
  std::vector<std::uint64_t> all;
  std::uint64_t behind = now_ms;
  for (auto entry = newest.rbegin(); entry != newest.rend(); ++entry) {
    if (entry->second <= now_ms + kDayMs) behind = entry->second;
    if (behind + max_age_ms < now_ms) all.push_back(entry->first);
  }
  std::reverse(all.begin(), all.end());
  return all;
}

std::optional<SpoolTable::Portion> SpoolTable::portion(std::size_t stream,
                                                       std::uint64_t from_id) const {
  const std::lock_guard lock(mutex_);
  const LineRuns& lines = streams_[stream].lines;
  auto run = lines.from(from_id);
  if (run == lines.runs().end()) return std::nullopt;
  Portion portion;
  portion.segment = run->second.segment;
  portion.bytes = segments_.at(portion.segment).bytes;
  for (; run != lines.runs().end() && run->second.segment == portion.segment &&
         portion.ids.size() < kMostRunsAtOnce;
       ++run) {
    portion.ids.emplace_back(std::max(run->first, from_id), run->second.end);
  }
  return portion;
}

queue::Recovered SpoolTable::recovered(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  const Stream& entry = streams_[stream];
  return {entry.lines.empty() ? entry.next_id : entry.lines.front(), entry.next_id,
          entry.lines.lines(), entry.numbers.runs()};
}

std::uint64_t SpoolTable::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::uint64_t SpoolTable::given_up() const {
  const std::lock_guard lock(mutex_);
  return given_up_;
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
