#include "plugin/disk/spool_writer.h"

#include "plugin/base/clock.h"

#include <cerrno>
#include <chrono>
#include <utility>

namespace plotbridge::disk {

SpoolWriter::SpoolWriter(SpoolFiles& files, std::string directory, Limits limits, SpoolTable& table,
                         std::uint64_t next_segment)
    : files_(files),
      directory_(std::move(directory)),
      limits_(limits),
      table_(table),
      health_(directory_, limits.pause),
      next_segment_(next_segment) {}

std::optional<std::uint64_t> SpoolWriter::active() const {
  return active_ ? std::optional(active_number_) : std::nullopt;
}

bool SpoolWriter::is_used_up(std::size_t more, std::uint64_t received_ms) const {
  if (active_->bytes() > kSegmentHeadBytes && active_->bytes() + more > limits_.segment_bytes) {
    return true;
  }
  if (received_ms == 0 || active_since_ms_ == 0) return false;
  // Back, too: a clock that was put right begins a segment of its own.
  const std::uint64_t age = received_ms > active_since_ms_ ? received_ms - active_since_ms_
                                                           : active_since_ms_ - received_ms;
  return age >= limits_.segment_age_ms;
}

SpoolWriter::Wrote SpoolWriter::append(std::string_view records, std::uint64_t limit,
                                       std::uint64_t received_ms) {
  if (!health_.may_try()) return Wrote::kFailed;
  const bool begin = !active_ || is_used_up(records.size(), received_ms);
  if (table_.bytes() + records.size() + (begin ? kSegmentHeadBytes : 0) > limit) {
    return Wrote::kNoRoom;
  }
  if (begin) {
    if (const Wrote begun = begin_segment(); begun != Wrote::kYes) return begun;
  }
  if (!active_->append(records)) {
    health_.failed("append to a segment");
    close_if_spoilt();
    return Wrote::kFailed;
  }
  if (active_since_ms_ == 0) active_since_ms_ = received_ms;
  table_.set_bytes(active_number_, active_->bytes());
  return Wrote::kYes;
}

SpoolWriter::Wrote SpoolWriter::begin_segment() {
  // Some of its lines may have counted on the next one that waits for the disk.
  if (limits_.power && active_ && !sync_or_cut(active_->bytes())) return Wrote::kFailed;
  active_.reset();
  const std::uint64_t number = next_segment_++;
  const std::string path = segment_path(directory_, number);
  const std::uint64_t now = to_milliseconds(wall_now());
  SegmentFile made = SegmentFile::create(files_, path, {kSpoolVersion, number, now});
  if (!made.is_open()) {
    health_.failed("make a segment");
    return Wrote::kFailed;
  }
  table_.add_segment(number, made.bytes());
  if (limits_.power && files_.sync_directory(directory_) != 0) {
    health_.failed("sync the directory");
    if (files_.unlink(path) == 0) table_.drop(number);
    return Wrote::kFailed;
  }
  active_ = std::move(made);
  active_number_ = number;
  active_since_ms_ = 0;
  return Wrote::kYes;
}

void SpoolWriter::close_if_spoilt() {
  table_.set_bytes(active_number_, active_->bytes());
  if (!active_->is_spoilt()) return;
  active_.reset();
  must_rewrite_ = !unsynced_.empty();
}

// After a failure nobody knows what of the segment is on disk, and a later fsync may succeed
// without it: the segment ends there.
bool SpoolWriter::sync_or_cut(std::uint64_t cut_to) {
  if (active_->sync()) {
    if (!must_rewrite_) forget_unsynced();
    return true;
  }
  health_.failed("sync a segment");
  failed_syncs_.fetch_add(1, std::memory_order_relaxed);
  active_->cut(cut_to);
  table_.set_bytes(active_number_, active_->bytes());
  active_.reset();
  must_rewrite_ = !unsynced_.empty();
  return false;
}

bool SpoolWriter::sync() {
  if (unsynced_.empty()) return true;
  return must_rewrite_ ? rewrite_unsynced() == Wrote::kYes : sync_or_cut(active_->bytes());
}

void SpoolWriter::retry_sync() {
  if (must_rewrite_ && health_.may_try()) rewrite_unsynced();
}

void SpoolWriter::remember(std::size_t stream, std::string_view record) {
  const std::size_t before = unsynced_records_.size();
  unsynced_records_ += record;
  try {
    unsynced_.push_back({stream, record.size()});
  } catch (...) {
    unsynced_records_.resize(before);  // each record has its entry
    throw;
  }
}

void SpoolWriter::forget_unsynced() {
  unsynced_.clear();
  unsynced_records_.clear();
  if (unsynced_records_.capacity() > kMaxUnsynced / 4) unsynced_records_.shrink_to_fit();
  must_rewrite_ = false;
}

SpoolWriter::Wrote SpoolWriter::rewrite_unsynced() {
  std::string records;
  std::vector<Unsynced> lines;
  std::string_view left = unsynced_records_;
  std::uint64_t received_ms = 0;
  for (const Unsynced& one : unsynced_) {
    const std::string_view bytes = left.substr(0, one.bytes);
    left.remove_prefix(one.bytes);
    const auto record = parse_record(bytes);
    if (!record || !table_.has_line(one.stream, record->id)) continue;
    if (records.empty()) received_ms = record->value;
    records += bytes;
    lines.push_back(one);
  }
  if (!records.empty()) {
    const Wrote wrote = append(records, limits_.capacity, received_ms);
    if (wrote != Wrote::kYes) return wrote;
    if (!sync_or_cut(active_->bytes() - records.size())) return Wrote::kFailed;
  }
  left = records;
  for (const Unsynced& one : lines) {
    table_.moved(one.stream, *parse_record(left.substr(0, one.bytes)), active_number_);
    left.remove_prefix(one.bytes);
  }
  forget_unsynced();
  health_.worked();
  return Wrote::kYes;
}

SpoolWriter::Wrote SpoolWriter::write(std::size_t stream, std::span<const SpoolRecord> records,
                                      bool must_last) {
  if (must_rewrite_) {
    if (const Wrote rewritten = rewrite_unsynced(); rewritten != Wrote::kYes) return rewritten;
  }
  const SpoolRecord& first = records.front();
  const bool is_line = first.type != RecordType::kNumbering;
  scratch_.clear();
  for (const SpoolRecord& record : records) append_record(record, scratch_);
  const Wrote wrote = append(scratch_, limits_.capacity - (is_line ? limits_.reserve : 0),
                             is_line ? first.value : 0);
  if (wrote != Wrote::kYes) return wrote;
  if (limits_.power && must_last && !is_line && !sync_or_cut(active_->bytes() - scratch_.size())) {
    return Wrote::kFailed;
  }
  for (const SpoolRecord& record : records) table_.apply(stream, record, active_number_);
  health_.worked();
  // Behind one that must last each is remembered: they are written again in their order.
  if (limits_.power && is_line && (must_last || !unsynced_.empty())) remember(stream, scratch_);
  if (unsynced_records_.size() > kMaxUnsynced) sync();
  return Wrote::kYes;
}

void SpoolWriter::write_releases() {
  const std::vector<SpoolTable::Release> releases = table_.take_releases();
  if (releases.empty()) return;
  std::string records;
  for (const SpoolTable::Release& release : releases) {
    append_record({RecordType::kReleased, table_.key(release.stream), release.from, release.to, {}},
                  records);
  }
  if (append(records, limits_.capacity, 0) != Wrote::kYes) {
    table_.not_written(releases);
    return;
  }
  table_.written(releases, active_number_);
  health_.worked();
}

void SpoolWriter::write_owed() {
  const std::uint64_t used = table_.bytes() + kSegmentHeadBytes;
  if (used > limits_.capacity || !health_.may_try()) return;
  const SpoolTable::Owed owed = table_.take_owed(limits_.capacity - used);
  if (owed.streams.empty()) return;
  const bool wrote = append(owed.records, limits_.capacity, 0) == Wrote::kYes &&
                     (!limits_.power || sync_or_cut(active_->bytes() - owed.records.size()));
  if (!wrote) {
    table_.not_written(owed);
    return;
  }
  table_.written(owed, active_number_);
  health_.worked();
}

std::optional<std::vector<queue::Lost>> SpoolWriter::drop(std::uint64_t segment, bool must) {
  if (active() == segment) {
    active_.reset();
    if (!must_rewrite_) forget_unsynced();
  }
  table_.before_drop(segment);
  write_owed();
  // While the disk takes nothing, what is there is the best there is.
  if (health_.is_degraded() && !must) return std::nullopt;
  if (files_.unlink(segment_path(directory_, segment)) != 0 && errno != ENOENT) {
    health_.failed("delete a segment");
    return std::nullopt;
  }
  std::vector<queue::Lost> lost = table_.drop(segment);
  write_owed();  // what had no room before
  return lost;
}

}  // namespace plotbridge::disk
