#include "plugin/disk/spool_table.h"

#include <iterator>

namespace plotbridge::disk {
namespace {

constexpr std::uint64_t kNoSuchId = std::uint64_t{1} << 63;  // ids are smaller

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
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = by_key_.emplace(record.stream_key, streams_.size());
  if (is_new) streams_.emplace_back().key = record.stream_key;
  apply_locked(found->second, record, segment);
}

void SpoolTable::end_recovery() {
  const std::lock_guard lock(mutex_);
  recovering_ = false;
  for (Stream& stream : streams_) settle(stream);
}

void SpoolTable::apply(std::size_t stream, const SpoolRecord& record, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  apply_locked(stream, record, segment);
}

void SpoolTable::apply_locked(std::size_t stream, const SpoolRecord& record,
                              std::uint64_t segment) {
  if (record.id >= kNoSuchId) return;
  Stream& entry = streams_[stream];
  switch (record.type) {
    case RecordType::kReplacingLine:
      entry.lines.remove(record.id, kNoSuchId, gone_from(stream));
      entry.released_in.add(segment);
      [[fallthrough]];
    case RecordType::kLine:
      apply_line(stream, record, segment);
      break;
    case RecordType::kReleased:
      entry.lines.remove(record.id, record.value, gone_from(stream));
      entry.released_in.add(segment);
      see(entry, std::min(record.value, kNoSuchId), segment);
      settle(entry);
      break;
    case RecordType::kNumbering:
      entry.numbers.add({record.id, record.value});
      entry.numbered_in.add(segment);
      // The end of a run names a line that may never come.
      if (record.value < queue::kNoNumber) see(entry, record.id + 1, segment);
      settle(entry);
      break;
  }
}

void SpoolTable::apply_line(std::size_t stream, const SpoolRecord& record, std::uint64_t segment) {
  Stream& entry = streams_[stream];
  if (record.id < entry.pending_end) {
    // Written behind this line, a release of the line before it would release this one.
    std::erase_if(pending_, [&](const Release& release) { return release.stream == stream; });
    for (std::size_t i = 0; i < pending_.size(); ++i) streams_[pending_[i].stream].pending_at = i;
    entry.pending_end = 0;
    owe(entry);
  }
  entry.lines.add(record.id, segment, gone_from(stream));
  entry.lines_in.add(segment);
  entry.lines_end = std::max(entry.lines_end, record.id + 1);
  Segment& in = segments_[segment];
  ++in.lines;
  if (is_orphan(stream)) ++in.orphans;
  in.newest_ms = std::max(in.newest_ms.value_or(0), record.value);
  if (entry.lines.lines() == 1) entry.ages.clear();
  entry.ages.add(record.id, record.value);
  see(entry, record.id + 1, segment);
}

bool SpoolTable::has_line(std::size_t stream, std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto run = streams_[stream].lines.from(id);
  return run != streams_[stream].lines.runs().end() && run->first <= id;
}

void SpoolTable::moved(std::size_t stream, const SpoolRecord& line, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  Stream& entry = streams_[stream];
  const auto run = entry.lines.from(line.id);
  if (run == entry.lines.runs().end() || run->first > line.id) {
    // It was released meanwhile, and the file says the opposite behind that.
    entry.lines_in.add(segment);
    owe(entry);
    return;
  }
  SpoolRecord plain = line;
  plain.type = RecordType::kLine;
  apply_line(stream, plain, segment);
}

LineRuns::Gone SpoolTable::gone_from(std::size_t stream) {
  return [this, stream](std::uint64_t segment, std::uint64_t lines) {
    Segment& in = segments_[segment];
    in.lines -= lines;
    if (is_orphan(stream)) in.orphans -= lines;
  };
}

void SpoolTable::see(Stream& stream, std::uint64_t next_id, std::uint64_t segment) {
  if (next_id < stream.next_id) return;
  stream.next_id = next_id;
  stream.next_id_in = segment;
}

/// Forgets what only lines needed that are gone.
void SpoolTable::settle(Stream& stream) {
  // Earlier lines may still be found: those that were replaced, in the place of their files.
  if (recovering_) return;
  const bool any = !stream.lines.empty();
  const std::uint64_t front = any ? stream.lines.front() : stream.next_id;
  stream.numbers.forget_unless([&](const queue::Numbering& run) {
    if (run.id >= stream.lines_end) return true;  // its lines are about to come
    const auto line = stream.lines.from(run.id);
    return line != stream.lines.runs().end() && std::max(line->first, run.id) - run.id < run.lines;
  });
  any ? stream.ages.front_is(front) : stream.ages.clear();
}

void SpoolTable::release(std::size_t stream, std::uint64_t from, std::uint64_t to) {
  const std::lock_guard lock(mutex_);
  Stream& entry = streams_[stream];
  if (!entry.lines.remove(from, to, gone_from(stream))) return;
  settle(entry);
  if (entry.pending_end > 0 && pending_[entry.pending_at].to == from) {
    pending_[entry.pending_at].to = to;
  } else if (pending_.size() < kMostReleases) {
    entry.pending_at = pending_.size();
    pending_.push_back({stream, from, to});
  } else {
    owe(entry);
    return;
  }
  entry.pending_end = std::max(entry.pending_end, to);
}

void SpoolTable::owe(Stream& stream) {
  if (!stream.owed) ++owing_;
  stream.owed = true;
}

std::vector<SpoolTable::Release> SpoolTable::take_releases() {
  const std::lock_guard lock(mutex_);
  for (const Release& release : pending_) streams_[release.stream].pending_end = 0;
  return std::exchange(pending_, {});
}

void SpoolTable::written(std::span<const Release> releases, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (const Release& release : releases) {
    Stream& stream = streams_[release.stream];
    stream.released_in.add(segment);
    see(stream, release.to, segment);
  }
}

void SpoolTable::not_written(std::span<const Release> releases) {
  const std::lock_guard lock(mutex_);
  for (const Release& release : releases) owe(streams_[release.stream]);
}

void SpoolTable::owe_numbering(std::size_t stream, queue::Numbering numbering) {
  const std::lock_guard lock(mutex_);
  Stream& entry = streams_[stream];
  entry.numbers.add(numbering);
  settle(entry);
  owe(entry);
}

/// All that a stream's lines do not say themselves, in an order in which each record may be read.
void SpoolTable::append_state(const Stream& stream, std::string& out) const {
  std::uint64_t from = 0;
  const auto put = [&](RecordType type, std::uint64_t id, std::uint64_t value) {
    append_record({type, stream.key, id, value, {}}, out);
  };
  for (const auto& [first, run] : stream.lines.runs()) {
    if (from < first) put(RecordType::kReleased, from, first);
    from = run.end;
  }
  // Empty, too: it says which ids were given.
  put(RecordType::kReleased, std::min(from, stream.next_id), stream.next_id);
  const auto& numberings = stream.numbers.runs();
  if (!numberings.empty()) {
    // Takes the place of all that was said before; what ended it may not have been written.
    put(RecordType::kNumbering, 0, 0);
    put(RecordType::kNumbering, 0, queue::kNoNumber);
  }
  for (std::size_t i = 0; i < numberings.size(); ++i) {
    const queue::Numbering& run = numberings[i];
    put(RecordType::kNumbering, run.id, run.number);
    const bool ends_at_next =
        i + 1 < numberings.size() && numberings[i + 1].number - run.number == run.lines;
    if (ends_at_next || run.lines == queue::Numbering::kOpen) continue;
    put(RecordType::kNumbering, run.id + run.lines, queue::kNoNumber);
  }
}

SpoolTable::Owed SpoolTable::take_owed(std::size_t most_bytes) {
  const std::lock_guard lock(mutex_);
  Owed owed;
  for (std::size_t i = 0; i < streams_.size() && owing_ > 0; ++i) {
    if (!streams_[i].owed) continue;
    const std::size_t before = owed.records.size();
    append_state(streams_[i], owed.records);
    if (owed.records.size() > most_bytes) {
      owed.records.resize(before);
      continue;
    }
    streams_[i].owed = false;
    --owing_;
    owed.streams.push_back(i);
  }
  return owed;
}

void SpoolTable::written(const Owed& owed, std::uint64_t segment) {
  const std::lock_guard lock(mutex_);
  for (const std::size_t i : owed.streams) {
    Stream& stream = streams_[i];
    stream.released_in = {segment, segment};
    stream.numbered_in = stream.numbers.empty() ? Span() : Span{segment, segment};
    stream.next_id_in = segment;
  }
}

void SpoolTable::not_written(const Owed& owed) {
  const std::lock_guard lock(mutex_);
  for (const std::size_t i : owed.streams) owe(streams_[i]);
}

}  // namespace plotbridge::disk
