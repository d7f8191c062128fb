#include "plugin/disk/spool_writer.h"

#include "plugin/base/clock.h"

#include <cerrno>
#include <chrono>
#include <utility>

namespace plotbridge::disk {
namespace {

constexpr std::size_t kMuchScratch = std::size_t{1} << 20;

std::size_t bytes_of(const SpoolLine& line) {
  return kRecordHeadBytes + line.record.payload.size();
}

std::uint64_t between(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

}  // namespace

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
  return between(received_ms, active_since_ms_) >= limits_.segment_age_ms;
}

SpoolWriter::WriteResult SpoolWriter::append(std::string_view records, std::uint64_t limit,
                                             std::uint64_t received_ms) {
  if (!health_.may_try()) return WriteResult::kFailed;
  const bool begin = !active_ || is_used_up(records.size(), received_ms);
  if (table_.bytes() + records.size() + (begin ? kSegmentHeadBytes : 0) > limit) {
    return WriteResult::kNoRoom;
  }
  if (begin) {
    if (const WriteResult begun = begin_segment(); begun != WriteResult::kYes) return begun;
  }
  if (!active_->append(records)) {
    health_.failed("append to a segment");
    close_if_spoilt();
    return WriteResult::kFailed;
  }
  if (active_since_ms_ == 0) active_since_ms_ = received_ms;
  table_.set_bytes(active_number_, active_->bytes());
  return WriteResult::kYes;
}

SpoolWriter::WriteResult SpoolWriter::begin_segment() {
  // Some of its lines may have counted on the next one that waits for the disk.
  if (limits_.power && active_ && !sync_or_cut(active_->bytes())) return WriteResult::kFailed;
  active_.reset();
  const std::uint64_t number = next_segment_++;
  const std::string path = segment_path(directory_, number);
  const std::uint64_t now = to_milliseconds(wall_now());
  SegmentFile made = SegmentFile::create(files_, path, {kSpoolVersion, number, now});
  if (!made.is_open()) {
    health_.failed("make a segment");
    return WriteResult::kFailed;
  }
  table_.add_segment(number, made.bytes());
  if (limits_.power && files_.sync_directory(directory_) != 0) {
    health_.failed("sync the directory");
    if (files_.unlink(path) == 0) table_.drop(number);
    return WriteResult::kFailed;
  }
  active_ = std::move(made);
  active_number_ = number;
  active_since_ms_ = 0;
  return WriteResult::kYes;
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
  resolved_unsynced_ = false;
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
  return must_rewrite_ ? rewrite_unsynced() == WriteResult::kYes : sync_or_cut(active_->bytes());
}

void SpoolWriter::retry_sync() {
  if (must_rewrite_ && health_.may_try()) rewrite_unsynced();
}

// Behind a line that must last each is remembered: they are written again in their order, because
// of several with one offset the newest counts.
void SpoolWriter::remember(std::span<const SpoolLine> lines) {
  std::string_view records = scratch_;
  for (const SpoolLine& line : lines) {
    if (line.must_last || !unsynced_.empty()) break;
    records.remove_prefix(bytes_of(line));
  }
  unsynced_ += records;
}

void SpoolWriter::forget_unsynced() {
  unsynced_.clear();
  if (unsynced_.capacity() > kMaxUnsynced / 4) unsynced_.shrink_to_fit();
  must_rewrite_ = false;
}

SpoolWriter::WriteResult SpoolWriter::rewrite_unsynced() {
  std::string records;
  std::vector<SpoolRecord> lines;
  for (std::string_view left = unsynced_; !left.empty();) {
    const std::string_view bytes = left.substr(0, record_bytes(left));
    left.remove_prefix(bytes.size());
    const auto line = parse_record(bytes);
    if (!line || !table_.wants(*line)) continue;
    records += bytes;
    lines.push_back(*line);
  }
  if (!records.empty()) {
    const WriteResult wrote = append(records, limits_.capacity, lines.front().value);
    if (wrote != WriteResult::kYes) return wrote;
    if (!sync_or_cut(active_->bytes() - records.size())) return WriteResult::kFailed;
  }
  for (const SpoolRecord& line : lines) table_.apply(line, active_number_);
  forget_unsynced();
  health_.worked();
  return WriteResult::kYes;
}

/// How many of the lines the next write takes: at least one, whether there is room for it or not.
std::size_t SpoolWriter::fitting(std::span<const SpoolLine> lines) const {
  const SpoolLine& first = lines.front();
  const bool begin = !active_ || is_used_up(bytes_of(first), first.record.value);
  const bool has_line = !begin && active_since_ms_ != 0;
  const std::uint64_t since = has_line ? active_since_ms_ : first.record.value;
  const std::uint64_t segment = begin ? kSegmentHeadBytes : active_->bytes();
  const std::uint64_t all = table_.bytes() + (begin ? kSegmentHeadBytes : 0);
  const std::uint64_t limit = limits_.capacity - limits_.reserve;
  std::size_t count = 1;
  std::size_t bytes = bytes_of(first);
  for (; count < lines.size(); ++count) {
    bytes += bytes_of(lines[count]);
    if (segment + bytes > limits_.segment_bytes || all + bytes > limit) break;
    if (between(lines[count].record.value, since) >= limits_.segment_age_ms) break;
    if (limits_.power && unsynced_.size() + bytes > kMaxUnsynced) break;
  }
  return count;
}

SpoolWriter::Written SpoolWriter::write(std::span<const SpoolLine> lines) {
  Written written;
  while (written.lines < lines.size() && written.rest == WriteResult::kYes) {
    if (must_rewrite_) written.rest = rewrite_unsynced();
    if (written.rest != WriteResult::kYes) break;
    const auto rest = lines.subspan(written.lines);
    const auto together = rest.first(fitting(rest));
    written.rest = write_together(together);
    if (written.rest == WriteResult::kYes) written.lines += together.size();
  }
  return written;
}

SpoolWriter::WriteResult SpoolWriter::write_together(std::span<const SpoolLine> lines) {
  scratch_.clear();
  for (const SpoolLine& line : lines) append_record(line.record, scratch_);
  const WriteResult wrote =
      append(scratch_, limits_.capacity - limits_.reserve, lines.front().record.value);
  if (wrote != WriteResult::kYes) return wrote;
  table_.wrote(lines, active_number_);
  health_.worked();
  if (limits_.power) remember(lines);
  if (scratch_.capacity() > kMuchScratch) std::string().swap(scratch_);
  if (unsynced_.size() >= kMaxUnsynced) sync();
  return WriteResult::kYes;
}

SpoolWriter::WriteResult SpoolWriter::reserve(std::size_t stream, std::uint64_t end) {
  if (must_rewrite_) {
    if (const auto rewritten = rewrite_unsynced(); rewritten != WriteResult::kYes) return rewritten;
  }
  std::string record;
  append_record({RecordType::kResolved, table_.key(stream), end, end, {}}, record);
  const WriteResult wrote = append(record, limits_.capacity, 0);
  if (wrote != WriteResult::kYes) return wrote;
  if (limits_.power && !sync_or_cut(active_->bytes() - record.size())) return WriteResult::kFailed;
  table_.wrote_reservation(stream, end, active_number_);
  health_.worked();
  return WriteResult::kYes;
}

void SpoolWriter::write_resolved() {
  const std::vector<SpoolTable::Resolved> all = table_.take_resolved();
  if (all.empty()) return;
  std::string records;
  for (const auto& [stream, offsets] : all) {
    append_record({RecordType::kResolved, table_.key(stream), offsets.from, offsets.to, {}},
                  records);
  }
  if (append(records, limits_.capacity, 0) != WriteResult::kYes) {
    table_.not_written(all);
    return;
  }
  table_.written(all, active_number_);
  resolved_unsynced_ = limits_.power;
  health_.worked();
}

void SpoolWriter::write_owed() {
  const std::uint64_t used = table_.bytes() + kSegmentHeadBytes;
  if (used > limits_.capacity || !health_.may_try()) return;
  const SpoolTable::Owed owed = table_.take_owed(limits_.capacity - used);
  if (owed.streams.empty()) return;
  const bool wrote = append(owed.records, limits_.capacity, 0) == WriteResult::kYes &&
                     (!limits_.power || sync_or_cut(active_->bytes() - owed.records.size()));
  if (!wrote) {
    table_.not_written(owed);
    return;
  }
  table_.written(owed, active_number_);
  health_.worked();
}

std::optional<std::vector<queue::DroppedLines>> SpoolWriter::drop(std::uint64_t segment,
                                                                  bool must) {
  if (active() == segment) {
    active_.reset();
    resolved_unsynced_ = false;
    if (!must_rewrite_) forget_unsynced();
  }
  write_resolved();  // also of lines that it has: older records of them may stand elsewhere
  table_.before_drop(segment);
  write_owed();
  // A power cut must not undo what says that older records of its lines are resolved, too.
  if (resolved_unsynced_ && active_) sync_or_cut(active_->bytes());
  // While the disk takes nothing, what is there is the best there is.
  if (health_.is_degraded() && !must) return std::nullopt;
  if (files_.unlink(segment_path(directory_, segment)) != 0 && errno != ENOENT) {
    health_.failed("delete a segment");
    return std::nullopt;
  }
  auto dropped = table_.drop(segment);
  write_owed();  // what had no room before
  return dropped;
}

}  // namespace plotbridge::disk
