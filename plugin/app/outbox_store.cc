// What Outbox does with the spool: writes lines there, gets them back, and makes room.
#include "plugin/app/outbox.h"
#include "plugin/base/clock.h"
#include "plugin/base/scratch.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;
using queue::StreamLog;
using AppendResult = queue::LineStore::AppendResult;

// Written with one call.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 20;
// Offsets are told to the store so many at a time, before a line has them: an offset that only
// memory had must not be given again after kill -9.
constexpr std::uint64_t kReserve = 4096;
// The spool did not give lines just now; it is asked again after this time.
constexpr Duration kFetchAgain = 20ms;
// Brought into memory at once: where memory has room, and where other streams have it all.
constexpr std::size_t kFetchBytes = std::size_t{64} << 10;
constexpr std::size_t kFetchBytesLeast = std::size_t{8} << 10;

}  // namespace

// Offsets of the lines that were pushed. If the disk does not take that, they are given all the
// same.
void Outbox::reserve_offsets() {
  std::vector<std::pair<std::size_t, std::uint64_t>> ends;  // of streams
  {
    const std::lock_guard lock(mutex_);
    for (const Pushed& pushed : pushed_) {
      StreamOutbox& stream = streams_[pushed.stream];
      stream.message_from = stream.log().end();
      const std::uint64_t end = stream.log().end() + pushed_.size();
      if (end <= stream.reserved) continue;
      stream.reserved = end + kReserve;
      ends.emplace_back(pushed.stream, stream.reserved);
    }
  }
  for (const auto& [stream, end] : ends) {
    if (options_.store->may_try() && options_.store->reserve(stream, end)) continue;
    const std::lock_guard lock(mutex_);
    streams_[stream].reserved = 0;  // tried again with the next line
  }
}

// All that memory alone has of these streams. False: the store does not take it.
bool Outbox::write_lines(std::vector<std::size_t> streams, WallTime wall) {
  while (!streams.empty()) {
    if (!options_.store->may_try()) return false;
    collect(streams, wall);
    if (!append_collected()) return false;
  }
  return true;
}

// Copies, because the stream loop may let lines go meanwhile.
void Outbox::collect(std::vector<std::size_t>& streams, WallTime wall) {
  collected_.clear();
  collected_bytes_.clear();
  std::vector<std::size_t> sizes;
  const std::lock_guard lock(mutex_);
  while (!streams.empty() && collected_bytes_.size() < kMostAtOnce) {
    const std::size_t stream = streams.back();
    StreamOutbox& outbox = streams_[stream];
    bool all = true;
    outbox.log().each_unstored([&](std::uint64_t offset, const queue::LineBlock::Line& line) {
      all = collected_bytes_.size() < kMostAtOnce;
      if (!all) return false;
      collected_.push_back({stream, offset, {}, wall, outbox.must_store});
      collected_bytes_ += line.bytes;
      sizes.push_back(line.bytes.size());
      return true;
    });
    if (all) streams.pop_back();
  }
  std::string_view bytes = collected_bytes_;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    collected_[i].bytes = bytes.substr(0, sizes[i]);
    bytes.remove_prefix(sizes[i]);
  }
}

bool Outbox::append_collected() {
  std::span<const queue::LineStore::NewLine> left = collected_;
  while (!left.empty()) {
    const auto [lines, rest] = options_.store->append(left);
    mark_written(left.first(lines));
    left = left.subspan(lines);
    if (rest == AppendResult::kYes) continue;
    if (rest == AppendResult::kNoRoom) {
      if (make_room_in_store(left.front().bytes.size())) continue;
      if (!store_blocks()) give_up_new(left);
    }
    if (store_blocks()) note_store_pressure(options_.store_capacity);
    return false;
  }
  if (store_blocks()) note_store_pressure(collected_bytes_.size());
  trim_scratch(collected_bytes_, kMostAtOnce);
  return true;
}

// There is no room, and none is made: those go that have just come. What was there before stays in
// memory, as long as that has room.
void Outbox::give_up_new(std::span<const queue::LineStore::NewLine> lines) {
  const std::lock_guard lock(mutex_);
  for (const queue::LineStore::NewLine& line : lines) {
    StreamOutbox& outbox = streams_[line.stream];
    const bool waits = !outbox.log().is_in_flight(line.offset);
    if (!line.must_last || line.offset < outbox.message_from || !waits) continue;
    if (outbox.give_up({line.offset, line.offset + 1}, Discarded::kSpoolFull) == 0) continue;
    note_loss(line.stream, Discarded::kSpoolFull);
    changed(line.stream);
  }
}

void Outbox::mark_written(std::span<const queue::LineStore::NewLine> lines) {
  const std::lock_guard lock(mutex_);
  while (!lines.empty()) {
    const std::size_t stream = lines.front().stream;
    StreamOutbox& outbox = streams_[stream];
    OffsetRange range{lines.front().offset, lines.front().offset};
    while (!lines.empty() && lines.front().stream == stream && lines.front().offset == range.to) {
      ++range.to;
      lines = lines.subspan(1);
    }
    outbox.log().mark_stored(range);
    if (outbox.log().unstored() == 0) outbox.must_store = false;
    // Resolved meanwhile, before the store knew of them.
    outbox.log().resolved().each_part(
        range, [&](OffsetRange part) { resolve_in_store(stream, part, true, steady_now()); });
  }
}

bool Outbox::make_room_in_store(std::size_t line_bytes) {
  // Nothing goes for one that fills the spool alone.
  if (line_bytes > options_.store_capacity / 4) return false;
  {
    const std::lock_guard lock(mutex_);
    if (release_held()) return true;
  }
  if (options_.when_spool_full != WhenSpoolFull::kDropOldest) return false;
  const std::size_t before = options_.store->gauges({}).bytes;
  drop(options_.store->drop_oldest(), Discarded::kSpoolFull);
  return options_.store->gauges({}).bytes < before;
}

void Outbox::drop(std::vector<queue::DroppedLines> dropped, Discarded why) {
  if (dropped.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const queue::DroppedLines& lines : dropped) {
    std::uint64_t lost = 0;
    for (const OffsetRange& range : lines.offsets) {
      lost += streams_[lines.stream].lost_by_store(range, why);
    }
    if (lost == 0) continue;
    if (why == Discarded::kSpoolFull) note_loss(lines.stream, why);
    changed(lines.stream);
    mark_dirty(lines.stream);  // it may wait for one of them
  }
}

// After lines were accepted: memory is a cache of what the store has, and what has no room in it
// goes there. What the store does not take is given up.
void Outbox::make_room(WallTime wall) {
  std::unique_lock lock(mutex_);
  const auto evict_all = [this] {
    while (shares_.is_over() && evict()) {
    }
  };
  const bool has_store = options_.store != nullptr;
  if (has_store) evict_all();
  std::vector<std::size_t> over;
  for (const std::size_t stream : touched_) {
    if (has_store && streams_[stream].is_over_capacity()) over.push_back(stream);
  }
  if (has_store && (!over.empty() || shares_.is_over())) {
    lock.unlock();
    bool writes = over.empty() || write_lines(over, wall);
    lock.lock();
    for (evict_all(); writes && shares_.is_over(); evict_all()) {
      lock.unlock();
      writes = write_of_fullest(wall);
      lock.lock();
    }
  }
  for (const std::size_t stream : over) {
    if (!streams_[stream].is_over_capacity()) continue;
    if (streams_[stream].give_up_over_capacity(Discarded::kSpoolFailed)) {
      note_loss(stream, Discarded::kSpoolFailed);
    }
    changed(stream);
  }
  while (shares_.is_over() && give_up_memory()) {
  }
  for (const std::size_t stream : touched_) {
    streams_[stream].look_whether_full(shares_.reserve());
    if (streams_[stream].is_full()) want_pause();
  }
}

bool Outbox::write_of_fullest(WallTime wall) {
  std::optional<std::size_t> fullest;
  {
    const std::lock_guard lock(mutex_);
    fullest = shares_.find_over(
        [this](std::size_t stream) { return streams_[stream].log().unstored() > 0; });
  }
  return fullest && write_lines({*fullest}, wall);
}

bool Outbox::evict() {
  const auto evicted = shares_.find_over(
      [this](std::size_t stream) { return streams_[stream].log().evict(streams_[stream].wanted); });
  if (evicted) changed(*evicted);
  return evicted.has_value();
}

// The stream that is furthest over what it has in any case gives up, and not the one that happens
// to get a line.
bool Outbox::give_up_memory() {
  const Discarded why = options_.store != nullptr ? Discarded::kSpoolFailed : Discarded::kQueueFull;
  const auto gave_up = shares_.find_over([&](std::size_t stream) {
    if (!streams_[stream].blocks()) return streams_[stream].give_up_block(why);
    streams_[stream].set_full();
    want_pause();
    return false;
  });
  if (!gave_up) return false;
  note_loss(*gave_up, why);
  changed(*gave_up);
  return true;
}

bool Outbox::do_store_work(TimePoint now) {
  std::vector<std::size_t> streams;
  {
    const std::lock_guard lock(mutex_);
    streams.swap(store_work_);
    for (const std::size_t stream : streams) wants_store_[stream] = false;
  }
  for (const std::size_t stream : streams) {
    fetch(stream, now);
    const std::lock_guard lock(mutex_);
    mark_dirty(stream);
  }
  return !streams.empty();
}

// What the stream waits for comes into memory, and some of what is behind it, if the store gives
// it.
void Outbox::fetch(std::size_t stream, TimePoint now) {
  std::unique_lock lock(mutex_);
  StreamOutbox& outbox = streams_[stream];
  const std::uint64_t wanted = outbox.wanted;
  const OffsetRange range = outbox.log().missing(wanted);
  if (range.size() == 0 || range.from != wanted) return;  // resolved, or here meanwhile
  const std::size_t least = std::clamp(shares_.reserve(), std::size_t{1024}, kFetchBytesLeast);
  const std::size_t most = shares_.is_over() ? least : kFetchBytes;
  lock.unlock();

  fetched_.clear();
  fetched_lines_.clear();
  std::uint64_t read_to = range.to;
  const auto read = options_.store->read(stream, range.from, [&](const queue::StoredLine& line) {
    if (line.offset >= range.to) return false;
    if (fetched_.size() + line.bytes.size() > most && !fetched_lines_.empty()) {
      read_to = line.offset;
      return false;
    }
    fetched_lines_.emplace_back(line.offset, line.bytes.size());
    fetched_ += line.bytes;
    return true;
  });
  lock.lock();
  if (!read) {
    outbox.fetch_at = now + kFetchAgain;
    return;
  }
  std::string_view bytes = fetched_;
  RangeSet given;
  for (const auto& [offset, size] : fetched_lines_) {
    outbox.log().fetched(offset, bytes.substr(0, size), now);
    bytes.remove_prefix(size);
    given.add(offset);
  }
  // The store had them, and does not find them any more.
  given.each_gap({range.from, read_to},
                 [&](OffsetRange part) { outbox.give_up(part, Discarded::kSpoolFailed); });
  changed(stream);
}

void Outbox::maintain_spool(const Moment& now) {
  if (options_.store == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    hold_.release_due(now.at, [this](std::size_t stream, OffsetRange range) {
      options_.store->resolve(stream, range);
    });
  }
  const std::lock_guard spool_lock(spool_mutex_);
  options_.store->on_clock_tick(now);
  drop(options_.store->expire(now.wall), Discarded::kExpired);
  std::vector<std::size_t> streams;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      const bool holds_up = wants_pause_ && streams_[i].is_over_half_capacity();
      if (streams_[i].must_store || holds_up) streams.push_back(i);
    }
  }
  if (streams.empty()) return;
  write_lines(std::move(streams), now.wall);
  options_.store->sync();
  const std::lock_guard lock(mutex_);
  while (shares_.is_over() && evict()) {
  }
}

Outbox::Leftover Outbox::spill() {
  const std::lock_guard spool_lock(spool_mutex_);
  if (options_.store != nullptr) {
    const Moment now = moment_now();
    options_.store->on_clock_tick(now);
    options_.store->retry();
    std::vector<std::size_t> streams;
    {
      const std::lock_guard lock(mutex_);
      for (std::size_t i = 0; i < streams_.size(); ++i) {
        if (streams_[i].log().unstored() > 0) streams.push_back(i);
      }
    }
    write_lines(std::move(streams), now.wall);
    options_.store->sync();
  }
  const std::lock_guard lock(mutex_);
  Leftover left;
  for (StreamOutbox& stream : streams_) {
    const bool has_store = options_.store != nullptr;
    const std::uint64_t lost = has_store ? stream.log().unstored() : stream.log().waiting();
    if (has_store) left.kept += stream.log().unresolved() - lost;
    stream.count(Discarded::kShutdown, lost);
    left.lost += lost;
  }
  return left;
}

}  // namespace plotbridge::app
