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
  // What is resolved and reserved needs room when lines have used up theirs, or nothing would get
  // free.
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
  // Before even the lock's file is made: what is of another version is left as it is.
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
  endpoint_acknowledges_ = identity_.endpoint_acknowledges;
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
      if (table_.bytes() <= options.capacity || !writer_->drop(segment, true)) break;
    }
    log::warning("the spool holds more than spool.capacity now allows: its oldest lines are gone",
                 {{"directory", directory_}, {"lines", table_.dropped()}});
  }
  if (const std::uint64_t lines = table_.orphan_lines(); lines > 0) {
    log::warning(
        "the spool has lines of streams that are not configured; they stay until "
        "spool.max_age or spool.capacity takes them",
        {{"directory", directory_}, {"lines", lines}});
  }
  for (std::size_t i = 0; i < options.streams.size(); ++i) {
    recovered_.push_back(table_.recovered(i));
  }
  return {};
}

bool SegmentStore::can_hold(const NewLine& line) const {
  // A mark within a line would hide it from whoever looks for records behind damage.
  return line.bytes.size() <= most_payload_ && line.bytes.find(kRecordMark) == line.bytes.npos;
}

queue::LineStore::Appended SegmentStore::append(std::span<const NewLine> lines) {
  std::vector<SpoolLine> batch;
  batch.reserve(lines.size());
  for (const NewLine& line : lines) {
    if (!can_hold(line)) break;
    batch.push_back({line.stream,
                     {RecordType::kLine, table_.key(line.stream), line.offset,
                      clock_.stamp(line.received), line.bytes},
                     line.must_last});
  }
  Appended done;
  const std::lock_guard lock(writing_);
  while (done.lines < batch.size()) {
    const auto written = writer_->write(std::span(batch).subspan(done.lines));
    done.lines += written.lines;
    if (written.rest == SpoolWriter::WriteResult::kFailed) {
      done.rest = AppendResult::kFailed;
      return done;
    }
    if (written.rest == SpoolWriter::WriteResult::kNoRoom && !make_room()) break;
  }
  if (done.lines < lines.size()) done.rest = AppendResult::kNoRoom;
  return done;
}

bool SegmentStore::reserve(std::size_t stream, std::uint64_t end) {
  const std::lock_guard lock(writing_);
  auto reserved = writer_->reserve(stream, end);
  while (reserved == SpoolWriter::WriteResult::kNoRoom && make_room()) {
    reserved = writer_->reserve(stream, end);
  }
  return reserved == SpoolWriter::WriteResult::kYes;
}

bool SegmentStore::sync() {
  if (!power_) return true;
  const std::lock_guard lock(writing_);
  return writer_->sync();
}

/// Deletes a segment that no configured stream misses.
bool SegmentStore::make_room() {
  for (const std::uint64_t segment : table_.unwanted(true)) {
    const std::uint64_t before = table_.bytes();
    if (writer_->drop(segment, true) && table_.bytes() < before) return true;
  }
  return false;
}

// Oldest first, and none before those that are older: see SpoolTable::before_drop.
std::vector<queue::DroppedLines> SegmentStore::drop_oldest() {
  const std::lock_guard lock(writing_);
  for (const std::uint64_t segment : table_.segments()) {
    auto dropped = writer_->drop(segment, true);
    if (!dropped) return {};
    if (!dropped->empty()) return *std::move(dropped);
  }
  return {};
}

void SegmentStore::on_clock_tick(const Moment& now) {
  const std::lock_guard lock(writing_);
  if (const auto set = clock_.look(now)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*set).count();
    log::info("the wall clock was set: no line of the spool is older or younger for that",
              {{"by_seconds", seconds}});
  }
  save_identity_if_changed();
}

void SegmentStore::save_identity_if_changed() {
  SpoolIdentity changed = identity_;
  changed.clock_behind = clock_.behind();
  changed.endpoint_acknowledges = endpoint_acknowledges_;
  const bool same = changed.clock_behind == identity_.clock_behind &&
                    changed.endpoint_acknowledges == identity_.endpoint_acknowledges;
  if (identity_.kept && same) return;
  identity_.kept = save_identity(files_, directory_, changed, power_);
  if (!identity_.kept) return;
  identity_.clock_behind = changed.clock_behind;
  identity_.endpoint_acknowledges = changed.endpoint_acknowledges;
}

std::vector<queue::DroppedLines> SegmentStore::expire(WallTime now) {
  std::vector<queue::DroppedLines> all;
  const auto expired = table_.expired(clock_.at(now), milliseconds(max_age_));
  if (expired.empty()) return all;
  const std::lock_guard lock(writing_);
  for (const std::uint64_t segment : expired) {
    const auto dropped = writer_->drop(segment, true);
    if (!dropped) break;
    all.insert(all.end(), dropped->begin(), dropped->end());
  }
  std::uint64_t lines = 0;
  for (const queue::DroppedLines& dropped : all) {
    for (const OffsetRange& offsets : dropped.offsets) lines += offsets.size();
  }
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

void SegmentStore::resolve(std::size_t stream, OffsetRange offsets) {
  table_.resolve(stream, offsets);
}

bool SegmentStore::may_try() {
  const std::lock_guard lock(writing_);
  return writer_->may_try();
}

void SegmentStore::retry() {
  const std::lock_guard lock(writing_);
  writer_->retry();
}

void SegmentStore::flush(bool last) {
  std::unique_lock lock(writing_, std::defer_lock);
  if (last) {
    lock.lock();
  } else if (!lock.try_lock()) {
    return;
  }
  writer_->retry_sync();
  writer_->write_resolved();
  for (const std::uint64_t segment : table_.unwanted(false)) {
    if (segment != writer_->active() && !writer_->drop(segment, false)) break;
  }
  writer_->write_owed();
  // A disk that did not take it is left alone until the clock ticks, several flushes later.
  if (last || identity_.kept) save_identity_if_changed();
  lock.unlock();
  const std::lock_guard reading(reading_);
  reader_.forget_dropped();
  // What could not be read may have been dropped since.
  std::erase_if(unread_, [this](std::size_t stream) { return !table_.portion(stream, 0); });
  is_unread_ = !unread_.empty();
}

Result<void> SegmentStore::read(std::size_t stream, std::uint64_t from,
                                const std::function<bool(const queue::StoredLine&)>& take) {
  const std::lock_guard reading(reading_);
  const std::uint64_t before = reader_.damaged();
  auto read = reader_.read(stream, from, take);
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
  gauges.dropped = table_.dropped();
  gauges.failed_syncs = writer_->failed_syncs();
  return gauges;
}

}  // namespace plotbridge::disk
