#include "plugin/disk/spool_table.h"

#include <iterator>
#include <utility>

namespace plotbridge::disk {
namespace {

constexpr std::uint64_t kNoSuchOffset = std::uint64_t{1} << 63;  // offsets are smaller
// Between what is resolved, without a line: of more of them some are filled.
constexpr std::size_t kMostGaps = RangeSet::kMany;

}  // namespace

SpoolTable::SpoolTable(std::span<const std::string> names)
    : configured_(names.size()), streams_(names.size()) {
  keys_.reserve(configured_);
  for (std::size_t i = 0; i < configured_; ++i) {
    keys_.push_back(stream_key(names[i]));
    streams_[i].key = keys_[i];
    by_key_.emplace(keys_[i], i);
  }
}

void SpoolTable::add_segment(std::uint64_t segment, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  segments_[segment].bytes = bytes;
  bytes_ += bytes;
}

void SpoolTable::set_bytes(std::uint64_t segment, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  Segment& entry = segments_[segment];
  bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
}

void SpoolTable::apply(const SpoolRecord& record, std::uint64_t segment) {
  const bool is_line = record.type == RecordType::kLine;
  // What this version did not write it does not read.
  if (!is_line && (record.type != RecordType::kResolved || !record.payload.empty())) return;
  const std::lock_guard lock(mutex_);
  const auto [known, is_new] = by_key_.emplace(record.stream_key, streams_.size());
  if (is_new) streams_.emplace_back().key = record.stream_key;
  if (is_line) {
    add_line(known->second, record, segment);
    return;
  }
  Stream& stream = streams_[known->second];
  const OffsetRange offsets{record.id, std::min(record.value, kNoSuchOffset)};
  see_end(stream, offsets.to, segment);
  if (offsets.from >= offsets.to) return;
  stream.resolved_in.add(segment);
  found_.push_back({{known->second, offsets}, segment});
}

void SpoolTable::end_recovery() {
  const std::lock_guard lock(mutex_);
  // The newest first: if a line is not in a newer segment than the newest record that resolves it,
  // nothing has to be said once more. Otherwise that record would go before the line does.
  for (auto found = found_.rbegin(); found != found_.rend(); ++found) {
    Stream& stream = streams_[found->resolved.stream];
    const auto gone = gone_from(found->resolved.stream);
    stream.lines.remove(found->resolved.offsets, [&](std::uint64_t segment, std::uint64_t lines) {
      gone(segment, lines);
      if (segment > found->segment) owe(stream);
    });
  }
  std::vector<Found>().swap(found_);
  for (Stream& stream : streams_) {
    stream.resolved = without_lines(stream);
    see_front(stream);
  }
}

void SpoolTable::wrote(std::span<const SpoolLine> lines, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (const SpoolLine& line : lines) add_line(line.stream, line.record, segment);
}

void SpoolTable::wrote_reservation(std::size_t stream, std::uint64_t end, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  see_end(streams_[stream], end, segment);
}

void SpoolTable::add_line(std::size_t stream, const SpoolRecord& line, std::uint64_t segment) {
  if (line.id >= kNoSuchOffset) return;
  Stream& entry = streams_[stream];
  Segment& in = segments_[segment];
  in.newest_ms = std::max(in.newest_ms.value_or(0), line.value);
  entry.lines_in.add(segment);
  see_end(entry, line.id + 1, segment);
  if (entry.resolved.contains(line.id)) {
    // It was resolved while it was being written. A record behind it says so, too, because an
    // earlier one may go with its segment while the line's is there.
    pend(stream, {line.id, line.id + 1});
    return;
  }
  if (entry.lines.add(line.id, segment, gone_from(stream))) {
    ++in.lines;
    if (is_orphan(stream)) ++in.orphans;
    if (entry.lines.lines() == 1) entry.ages.clear();
  }
  entry.ages.add(line.id, line.value);
}

bool SpoolTable::wants(const SpoolRecord& line) const {
  const std::lock_guard lock(mutex_);
  const auto known = by_key_.find(line.stream_key);
  return known != by_key_.end() && streams_[known->second].lines.contains(line.id);
}

LineRuns::Gone SpoolTable::gone_from(std::size_t stream) {
  return [this, stream](std::uint64_t segment, std::uint64_t lines) {
    Segment& in = segments_[segment];
    in.lines -= lines;
    if (is_orphan(stream)) in.orphans -= lines;
  };
}

void SpoolTable::see_end(Stream& stream, std::uint64_t end, std::uint64_t segment) {
  if (end < stream.end) return;
  stream.end = end;
  stream.end_in = segment;
}

void SpoolTable::see_front(Stream& stream) {
  stream.lines.empty() ? stream.ages.clear() : stream.ages.front_is(stream.lines.front());
}

void SpoolTable::resolve(std::size_t stream, OffsetRange offsets) {
  const std::lock_guard lock(mutex_);
  Stream& entry = streams_[stream];
  if (entry.resolved.add(offsets) == 0) return;
  const bool had_lines = entry.lines.remove(offsets, gone_from(stream));
  if (had_lines) see_front(entry);
  // Where no line is, no file has to say that it is not wanted; only that its offset was given.
  if (had_lines || offsets.to > entry.end) pend(stream, offsets);
  if (entry.resolved.ranges().size() > entry.lines.runs().size() + kMostGaps) fill_gaps(entry);
}

void SpoolTable::pend(std::size_t stream, OffsetRange offsets) {
  Stream& entry = streams_[stream];
  if (pending_ >= kMostPending) {
    owe(entry);
    return;
  }
  if (entry.pending.empty()) pending_streams_.push_back(stream);
  pending_ -= entry.pending.ranges().size();
  entry.pending.add(offsets);
  pending_ += entry.pending.ranges().size();
}

// What was dropped, or was in memory alone and nobody says that it arrived, leaves gaps for ever.
// Half of those that have no line count as resolved, the lowest first: nothing comes there any
// more.
void SpoolTable::fill_gaps(Stream& stream) {
  RangeSet filled;
  std::size_t left = kMostGaps / 2;
  for (const OffsetRange& range : stream.resolved.ranges()) {
    if (!filled.empty() && left > 0) {
      const OffsetRange gap{filled.ranges().back().to, range.from};
      const auto run = stream.lines.from(gap.from);
      if (run == stream.lines.runs().end() || run->first >= gap.to) {
        filled.add(gap);
        --left;
      }
    }
    filled.add(range);
  }
  stream.resolved = std::move(filled);
}

std::vector<SpoolTable::Resolved> SpoolTable::take_resolved() {
  const std::lock_guard lock(mutex_);
  std::vector<Resolved> all;
  all.reserve(pending_);
  for (const std::size_t stream : std::exchange(pending_streams_, {})) {
    const RangeSet pending = std::exchange(streams_[stream].pending, {});
    for (const OffsetRange& offsets : pending.ranges()) all.push_back({stream, offsets});
  }
  pending_ = 0;
  return all;
}

void SpoolTable::written(std::span<const Resolved> resolved, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (const auto& [stream, offsets] : resolved) {
    streams_[stream].resolved_in.add(segment);
    see_end(streams_[stream], offsets.to, segment);
  }
}

void SpoolTable::not_written(std::span<const Resolved> resolved) {
  const std::lock_guard lock(mutex_);
  for (const auto& [stream, offsets] : resolved) owe(streams_[stream]);
}

void SpoolTable::owe(Stream& stream) {
  if (!stream.owed) ++owing_;
  stream.owed = true;
}

/// All that a stream's lines do not say themselves.
void SpoolTable::append_state(const Stream& stream, std::string& out) {
  const auto put = [&](OffsetRange offsets) {
    append_record({RecordType::kResolved, stream.key, offsets.from, offsets.to, {}}, out);
  };
  for (const OffsetRange& range : stream.resolved.ranges()) put(range);
  put({stream.end, stream.end});
}

SpoolTable::Owed SpoolTable::take_owed(std::size_t most_bytes) {
  const std::lock_guard lock(mutex_);
  Owed owed;
  for (std::size_t i = 0; i < streams_.size() && owing_ > 0; ++i) {
    Stream& stream = streams_[i];
    if (!stream.owed) continue;
    const auto& resolved = stream.resolved.ranges();
    if (!resolved.empty()) stream.end = std::max(stream.end, resolved.back().to);
    const std::size_t before = owed.records.size();
    append_state(stream, owed.records);
    if (owed.records.size() > most_bytes) {
      owed.records.resize(before);
      continue;
    }
    stream.owed = false;
    --owing_;
    owed.streams.push_back(i);
  }
  return owed;
}

void SpoolTable::written(const Owed& owed, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (const std::size_t i : owed.streams) {
    streams_[i].resolved_in = {segment, segment};
    streams_[i].end_in = segment;
  }
}

void SpoolTable::not_written(const Owed& owed) {
  const std::lock_guard lock(mutex_);
  for (const std::size_t i : owed.streams) owe(streams_[i]);
}

}  // namespace plotbridge::disk
