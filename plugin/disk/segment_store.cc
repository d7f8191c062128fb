#include "plugin/disk/segment_store.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/disk/private_files.h"
#include "plugin/disk/spool_recovery.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace plotbridge::disk {
namespace {

constexpr std::uint64_t kLeastSegment = std::uint64_t{16} << 10;
constexpr std::uint64_t kMostSegment = std::uint64_t{4} << 20;

std::uint64_t milliseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

SpoolWriter::Limits limits_of(const SpoolOptions& options) {
  SpoolWriter::Limits limits;
  limits.capacity = options.capacity;
  // Releases and numberings need room when lines have used up theirs, or nothing would get free.
  const std::uint64_t for_streams = 4096 + 4 * kRecordHeadBytes * options.streams.size();
  limits.reserve = std::max(limits.capacity / 16, std::min(limits.capacity / 4, for_streams));
  limits.segment_bytes =
      std::clamp<std::uint64_t>(limits.capacity / 8, kLeastSegment, kMostSegment);
  limits.segment_age_ms = std::max<std::uint64_t>(1, milliseconds(options.max_age) / 8);
  limits.power = options.power;
  limits.pause = options.pause;
  return limits;
}

Result<void> make_directory(const std::string& directory) {
  const std::error_code error = make_private_directories(directory);
  if (!error && is_open_to_all(directory)) {
    log::warning("every user of this machine may write to the spool's directory",
                 {{"directory", directory},
                  {"risk", "whoever removes a file of it removes lines that wait"},
                  {"hint", "chmod 700 it"}});
  }
  if (!error) return {};
  return fail(ErrorKind::kUnavailable, "cannot make the spool's directory " + directory + ": " +
                                           error.message() +
                                           "; spool.directory names one that this user may make");
}

}  // namespace

SegmentStore::SegmentStore(SpoolFiles& files, const SpoolOptions& options, SpoolLock lock)
    : files_(files),
      directory_(options.directory),
      power_(options.power),
      lock_(std::move(lock)),
      max_age_(options.max_age),
      table_(options.streams),
      reader_(files, options.directory, table_) {}

Result<std::unique_ptr<SegmentStore>> SegmentStore::open(SpoolOptions options, SpoolFiles& files) {
  if (const auto made = make_directory(options.directory); !made) {
    return tl::make_unexpected(made.error());
  }
  // Before even the lock's file is made: what is of a newer version is left as it is.
  for (const auto& check : {check_segment_versions, check_identity_version}) {
    if (const auto known = check(files, options.directory); !known) {
      return tl::make_unexpected(known.error());
    }
  }
  auto lock = SpoolLock::take(files, options.directory);
  if (!lock) return tl::make_unexpected(lock.error());
  std::unique_ptr<SegmentStore> store(new SegmentStore(files, options, *std::move(lock)));
  if (const auto done = store->recover(options); !done) {
    return tl::make_unexpected(done.error());
  }
  return store;
}

Result<void> SegmentStore::recover(const SpoolOptions& options) {
  // Again, now that nobody else can have written meanwhile.
  if (const auto known = check_segment_versions(files_, directory_); !known) return known;
  const auto recovery = recover_spool(files_, directory_, table_);
  if (!recovery) return tl::make_unexpected(recovery.error());
  table_.end_recovery();
  damaged_ = recovery->damaged;
  const std::uint64_t newest_ms = table_.newest_ms();
  identity_ = next_epoch(files_, directory_, power_, newest_ms == 0);
  clock_.start(identity_.clock_behind, newest_ms);
  const SpoolWriter::Limits limits = limits_of(options);
  most_payload_ = std::min<std::uint64_t>(
      kMostPayload, limits.capacity - limits.reserve -
                        std::min<std::uint64_t>(kSegmentHeadBytes + kRecordHeadBytes,
                                                limits.capacity - limits.reserve));
  writer_ =
      std::make_unique<SpoolWriter>(files_, directory_, limits, table_, recovery->next_segment);
  if (damaged_ > 0) {
    log::warning("parts of the spool are damaged; every other line of it is kept",
                 {{"directory", directory_}, {"places", damaged_}});
  }
  if (table_.bytes() > options.capacity) {
    for (const std::uint64_t segment : table_.segments()) {
      if (table_.bytes() > options.capacity) writer_->drop(segment, true);
    }
    log::warning("the spool holds more than spool.capacity now allows: its oldest lines are gone",
                 {{"directory", directory_}, {"lines", table_.given_up()}});
  }
  if (const std::uint64_t lines = table_.orphan_lines(); lines > 0) {
    log::warning(
        "the spool has lines of streams that are not configured; they stay until "
        "spool.max_age or spool.capacity takes them",
        {{"directory", directory_}, {"lines", lines}});
  }
  for (std::size_t i = 0; i < options.streams.size(); ++i) {
    recovered_.push_back(table_.recovered(i));
    numbers_end_.push_back(recovered_.back().numberings.empty());
  }
  return {};
}

queue::LineStore::Kept SegmentStore::append(std::size_t stream, const NewLine& line) {
  return keep(stream, line, RecordType::kLine);
}

queue::LineStore::Kept SegmentStore::replace(std::size_t stream, const NewLine& line) {
  return keep(stream, line, RecordType::kReplacingLine);
}

queue::LineStore::Kept SegmentStore::keep(std::size_t stream, const NewLine& line,
                                          RecordType type) {
  if (line.bytes.size() > most_payload_) return Kept::kNoRoom;
  // A mark within a line would hide it from whoever looks for records behind damage.
  if (line.bytes.find(kRecordMark) != line.bytes.npos) return Kept::kNoRoom;
  const SpoolRecord record{type, table_.key(stream), line.id, clock_.stamp(line.received),
                           line.bytes};
  const std::lock_guard lock(writing_);
  const auto write = [&] {
    const auto ended = end_old_numbers(stream);
    return ended == SpoolWriter::Wrote::kYes ? writer_->write(stream, record, line.must_last)
                                             : ended;
  };
  auto wrote = write();
  while (wrote == SpoolWriter::Wrote::kNoRoom && make_room()) {
    wrote = write();
  }
  if (wrote == SpoolWriter::Wrote::kYes) return Kept::kYes;
  return wrote == SpoolWriter::Wrote::kNoRoom ? Kept::kNoRoom : Kept::kFailed;
}

bool SegmentStore::sync() {
  if (!power_) return true;
  const std::lock_guard lock(writing_);
  return writer_->sync();
}

// A run of numbers that says no end would go on with lines that nobody has handed out.
SpoolWriter::Wrote SegmentStore::end_old_numbers(std::size_t stream) {
  if (numbers_end_[stream]) return SpoolWriter::Wrote::kYes;
  const SpoolRecord end{
      RecordType::kNumbering, table_.key(stream), recovered_[stream].next_id, queue::kNoNumber, {}};
  const auto wrote = writer_->write(stream, end, false);
  numbers_end_[stream] = wrote == SpoolWriter::Wrote::kYes;
  return wrote;
}

/// Deletes a segment that no configured stream misses.
bool SegmentStore::make_room() {
  for (const std::uint64_t segment : table_.unwanted(true)) {
    const std::uint64_t before = table_.bytes();
    if (writer_->drop(segment, true) && table_.bytes() < before) return true;
  }
  return false;
}

std::vector<queue::Lost> SegmentStore::give_up_oldest() {
  const std::lock_guard lock(writing_);
  for (const std::uint64_t segment : table_.segments()) {
    auto lost = writer_->drop(segment, true);
    if (!lost) return {};
    if (!lost->empty()) return *std::move(lost);
  }
  return {};
}

void SegmentStore::see_clocks(const Moment& now) {
  if (const auto set = clock_.look(now)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*set).count();
    log::info("the wall clock was set: no line of the spool is older or younger for that",
              {{"by_seconds", seconds}});
  }
  if (identity_.kept && identity_.clock_behind == clock_.behind()) return;
  SpoolIdentity changed = identity_;
  changed.clock_behind = clock_.behind();
  if (save_identity(files_, directory_, changed, power_)) {
    identity_.clock_behind = changed.clock_behind;
    identity_.kept = true;
  }
}

std::vector<queue::Lost> SegmentStore::expire(WallTime now) {
  std::vector<queue::Lost> all;
  const auto expired = table_.expired(clock_.at(now), milliseconds(max_age_));
  if (expired.empty()) return all;
  const std::lock_guard lock(writing_);
  for (const std::uint64_t segment : expired) {
    if (const auto lost = writer_->drop(segment, true)) {
      all.insert(all.end(), lost->begin(), lost->end());
    }
  }
  std::size_t lines = 0;
  for (const queue::Lost& lost : all) lines += lost.lines;
  if (lines > 0) {
    if (const auto suppressed = expiries_.admit({}, steady_now())) {
      log::warning("lines dropped",
                   {{"lines", lines},
                    {"why", "they waited in the spool for longer than spool.max_age"},
                    {"hint", "see why they are not sent: plotbridge status"},
                    {"suppressed", *suppressed}});
    }
  }
  return all;
}

void SegmentStore::release(std::size_t stream, std::uint64_t from_id, std::uint64_t to_id) {
  table_.release(stream, from_id, to_id);
}

bool SegmentStore::may_try() {
  const std::lock_guard lock(writing_);
  return writer_->may_try();
}

void SegmentStore::retry() {
  const std::lock_guard lock(writing_);
  writer_->retry();
}

void SegmentStore::number(std::size_t stream, queue::Numbering numbering) {
  const std::lock_guard lock(writing_);
  numbers_end_[stream] = true;
  const std::uint64_t key = table_.key(stream);
  const SpoolRecord records[] = {
      {RecordType::kNumbering, key, numbering.id, numbering.number, {}},
      {RecordType::kNumbering, key, numbering.id + numbering.lines, queue::kNoNumber, {}}};
  const bool open = numbering.lines == queue::Numbering::kOpen;
  const auto wrote = writer_->write(stream, std::span(records, open ? 1 : 2), true);
  if (wrote == SpoolWriter::Wrote::kYes) return;
  table_.owe_numbering(stream, numbering);
}

void SegmentStore::flush(bool last) {
  std::unique_lock lock(writing_, std::defer_lock);
  if (last) {
    lock.lock();
  } else if (!lock.try_lock()) {
    return;
  }
  writer_->retry_sync();
  writer_->write_releases();
  for (const std::uint64_t segment : table_.unwanted(false)) {
    if (segment != writer_->active() && !writer_->drop(segment, false)) break;
  }
  writer_->write_owed();
  lock.unlock();
  const std::lock_guard reading(reading_);
  reader_.forget_dropped();
  // What could not be read may have been given up since.
  std::erase_if(unread_, [this](std::size_t stream) { return !table_.portion(stream, 0); });
  is_unread_ = !unread_.empty();
}

Result<void> SegmentStore::read(std::size_t stream, std::uint64_t from_id,
                                const std::function<bool(const queue::StoredLine&)>& take) {
  const std::lock_guard reading(reading_);
  const std::uint64_t before = reader_.damaged();
  auto read = reader_.read(stream, from_id, take);
  tell_of_reading(stream, read, reader_.damaged() - before);
  return read;
}

void SegmentStore::tell_of_reading(std::size_t stream, const Result<void>& read,
                                   std::uint64_t damaged) {
  const TimePoint now = steady_now();
  if (damaged > 0) {
    if (const auto suppressed = complaints_.admit("damaged", now)) {
      log::error("lines of the spool are damaged or gone, and left out",
                 {{"directory", directory_},
                  {"lines", damaged},
                  {"hint", "look at the disk: dmesg, smartctl; or who deletes there"},
                  {"suppressed", *suppressed}});
    }
  }
  if (!read) {
    unread_.insert(stream);
    if (const auto suppressed = complaints_.admit("unread", now)) {
      log::error("the spool cannot be read: its lines wait",
                 {{"why", read.error().message},
                  {"hint", "look at the disk and its files; what cannot be read is tried again"},
                  {"suppressed", *suppressed}});
    }
  } else if (unread_.erase(stream) > 0 && unread_.empty()) {
    log::info("the spool is read again", {{"directory", directory_}});
  }
  is_unread_ = !unread_.empty();
}

queue::LineStore::Gauges SegmentStore::gauges(WallTime now) const {
  Gauges gauges;
  gauges.bytes = table_.bytes();
  const std::uint64_t now_ms = clock_.at(now);
  const std::uint64_t oldest_ms = table_.oldest_ms().value_or(now_ms);
  if (oldest_ms < now_ms) gauges.oldest_age = std::chrono::milliseconds(now_ms - oldest_ms);
  gauges.degraded = writer_->is_degraded() || is_unread_;
  gauges.damaged = damaged_ + reader_.damaged();
  gauges.given_up = table_.given_up();
  gauges.failed_syncs = writer_->failed_syncs();
  return gauges;
}

}  // namespace plotbridge::disk
