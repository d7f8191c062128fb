#include "plugin/app/outbox.h"

#include "plugin/base/clock.h"
#include "plugin/base/scratch.h"
#include "plugin/model/control_line.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;
using queue::StreamLog;

// A message of more is accepted part by part.
constexpr std::size_t kMostPushed = std::size_t{256} << 10;
// For each message that comes although there is no room: few do until the broker is left, and the
// connection outlives as much.
constexpr Duration kSlowDown = 50ms;
// An earlier run may have sent so many lines that the spool knows nothing of.
constexpr std::uint64_t kMostOfEarlierRun = 1'000'000;
// An endpoint that acknowledges every other line is not followed for ever: each range costs the
// ranges behind it.
constexpr std::size_t kMostRanges = 4 * RangeSet::kMany;

// Memory is given back in blocks: a stream has some in what it has in any case.
std::size_t block_bytes(std::size_t reserve) {
  return std::clamp<std::size_t>(reserve / 4, 512, StreamLog::kBlockBytes);
}

}  // namespace

Outbox::Outbox(std::span<const config::Stream> streams, const OutboxOptions& options)
    : options_(options),
      shares_(options.memory, streams.size()),
      is_dirty_(streams.size()),
      wants_store_(streams.size()) {
  queue::LineStore* const store = options_.store;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    auto recovered = store != nullptr ? store->recovered(i) : queue::Recovered{};
    streams_.emplace_back(streams[i], std::move(recovered), block_bytes(shares_.reserve()),
                          store != nullptr,
                          [this, i](OffsetRange range) { resolve_in_store(i, range, false, {}); });
    if (streams_.back().log().waiting() > 0) mark_dirty(i);
  }
  wants_pause_ = store_blocks() && is_above(kHighWater);
}

void Outbox::push(std::size_t stream, const Line& line, const Arrival& arrival) {
  if (line.bytes.size() > protocol::kMaxLineBytes) {
    const std::lock_guard lock(mutex_);
    streams_[stream].count(Discarded::kTooLarge, 1);
    return note_loss(stream, Discarded::kTooLarge);
  }
  // A publisher must not speak to the endpoint.
  std::string_view text = line.bytes;
  if (text.ends_with('\n')) text.remove_suffix(1);
  const bool is_control = read_control_line(text).has_value();
  if (is_control) pushed_bytes_ += ' ';
  pushed_bytes_ += line.bytes;
  pushed_.push_back(
      {stream, pushed_bytes_.size(), line.y_offset + (is_control ? 1 : 0), line.y_size, arrival});
  if (pushed_bytes_.size() > kMostPushed) accept_pushed();
}

std::vector<Outbox::Loss> Outbox::end_message() {
  accept_pushed();
  if (std::exchange(must_sync_, false)) {
    const std::lock_guard spool_lock(spool_mutex_);
    options_.store->sync();
  }
  std::unique_lock lock(mutex_);
  if (wants_pause_ && !stopping_) {
    // What is left of the room has to last until the broker is left.
    room_.wait_for(lock, kSlowDown, [this] { return !wants_pause_ || stopping_; });
  }
  return std::exchange(losses_, {});
}

void Outbox::accept_pushed() {
  if (pushed_.empty()) return;
  const WallTime wall = pushed_.back().arrival.wall;
  std::unique_lock spool_lock(spool_mutex_, std::defer_lock);
  if (options_.store != nullptr) {
    spool_lock.lock();
    reserve_offsets();
  }
  touched_.clear();
  std::vector<std::size_t> to_write;
  {
    const std::lock_guard lock(mutex_);
    std::size_t from = 0;
    for (const Pushed& pushed : pushed_) {
      accept(pushed, std::string_view(pushed_bytes_).substr(from, pushed.end - from));
      from = pushed.end;
    }
    std::ranges::sort(touched_);
    touched_.erase(std::ranges::unique(touched_).begin(), touched_.end());
    for (const std::size_t stream : touched_) {
      changed(stream);
      if (streams_[stream].must_store) to_write.push_back(stream);
    }
  }
  if (options_.on_lines) options_.on_lines(pushed_.size());
  pushed_.clear();
  pushed_bytes_.clear();
  trim_scratch(pushed_bytes_, kMostPushed);
  if (!to_write.empty()) {
    must_sync_ = true;
    write_lines(std::move(to_write), wall);
  }
  make_room(wall);
}

void Outbox::accept(const Pushed& pushed, std::string_view bytes) {
  StreamOutbox& stream = streams_[pushed.stream];
  const Line line{bytes, pushed.y_offset, pushed.y_size};
  if (const auto lost = stream.accept(line, pushed.arrival.at)) note_loss(pushed.stream, *lost);
  if (options_.store != nullptr && pushed.arrival.must_last && stream.log().unstored() > 0) {
    stream.must_store = true;
  }
  mark_dirty(pushed.stream);
  if (touched_.empty() || touched_.back() != pushed.stream) touched_.push_back(pushed.stream);
}

void Outbox::note_loss(std::size_t stream, Discarded why) {
  const Loss loss{stream, why};
  if (std::ranges::find(losses_, loss) == losses_.end()) losses_.push_back(loss);
}

void Outbox::changed(std::size_t stream) { shares_.set(stream, streams_[stream].log().memory()); }

void Outbox::mark_dirty(std::size_t stream) {
  if (is_dirty_[stream]) return;
  is_dirty_[stream] = true;
  dirty_.push_back(stream);
}

void Outbox::take_dirty(std::vector<std::size_t>& streams) {
  streams.clear();
  const std::lock_guard lock(mutex_);
  streams.swap(dirty_);
  for (const std::size_t stream : streams) is_dirty_[stream] = false;
}

Outbox::Filled Outbox::fill(std::size_t stream, std::span<char> room, TimePoint now,
                            const StreamOutbox::Limits& limits, std::vector<OffsetRange>& sent) {
  const std::lock_guard lock(mutex_);
  StreamOutbox& outbox = streams_[stream];
  auto filled = outbox.fill(room, now, limits, sent, deliveries_);
  changed(stream);
  const bool missing = filled.missing != StreamLog::kNone;
  const bool is_read = missing && now >= outbox.fetch_at;
  if (is_read) want_store(stream, filled.missing);
  if (missing && !is_read) filled.next = outbox.fetch_at;
  return {filled.bytes, filled.lines, filled.next, filled.at_limit, outbox.in_part(), is_read};
}

void Outbox::want_store(std::size_t stream, std::uint64_t offset) {
  streams_[stream].wanted = offset;
  if (wants_store_[stream]) return;
  wants_store_[stream] = true;
  store_work_.push_back(stream);
  if (options_.on_store_work) options_.on_store_work();
}

void Outbox::resolve_in_store(std::size_t stream, OffsetRange range, bool arrived, TimePoint now) {
  if (options_.store == nullptr) return;
  if (arrived && holds_) return hold_.add(stream, range, now);
  options_.store->resolve(stream, range);
}

// What has arrived and is held makes room first: it is no loss.
bool Outbox::release_held() {
  return hold_.release_oldest([this](std::size_t stream, OffsetRange range) {
    resolve_in_store(stream, range, false, {});
  });
}

void Outbox::arrived(std::size_t stream, std::span<const OffsetRange> offsets, TimePoint now) {
  if (offsets.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const OffsetRange& range : offsets) {
    streams_[stream].log().resolve(
        range, [&](OffsetRange part) { resolve_in_store(stream, part, true, now); });
  }
  changed(stream);
}

bool Outbox::acknowledged(std::size_t stream, std::span<const OffsetRange> offsets, bool first,
                          TimePoint now) {
  bool are_known = true;
  {
    const std::lock_guard lock(mutex_);
    StreamLog& log = streams_[stream].log();
    for (const OffsetRange& range : offsets) {
      if (log.resolved().ranges().size() > kMostRanges) return false;  // ours tells of no so many
      if (range.to <= log.end()) continue;
      // Sent by an earlier run from memory, while the spool's disk failed.
      const bool may_be = first && range.to - log.end() <= kMostOfEarlierRun;
      if (may_be) log.skip_to(range.to);
      are_known = are_known && may_be;
    }
  }
  arrived(stream, offsets, now);
  return are_known;
}

RangeSet Outbox::connection_ended(std::size_t stream) {
  const std::lock_guard lock(mutex_);
  RangeSet in_flight = streams_[stream].log().offsets_in_flight();
  streams_[stream].connection_ended();
  changed(stream);
  return in_flight;
}

std::optional<std::string> Outbox::take_out(std::size_t stream, std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  StreamOutbox& outbox = streams_[stream];
  if (outbox.log().resolved().contains(offset) || offset >= outbox.log().end()) return std::nullopt;
  const auto line = outbox.log().find(offset);
  if (!line) {
    want_store(stream, offset);
    return std::nullopt;
  }
  std::string bytes(line->bytes);
  outbox.log().resolve({offset, offset + 1},
                       [&](OffsetRange part) { resolve_in_store(stream, part, false, {}); });
  changed(stream);
  return bytes;
}

bool Outbox::is_resolved(std::size_t stream, std::uint64_t offset) const {
  const std::lock_guard lock(mutex_);
  const StreamLog& log = streams_[stream].log();
  return log.resolved().contains(offset) || offset >= log.end();
}

RangeSet Outbox::unresolved_of(std::size_t stream, const RangeSet& offsets) const {
  const std::lock_guard lock(mutex_);
  RangeSet left;
  for (const OffsetRange& range : offsets.ranges()) {
    streams_[stream].log().resolved().each_gap(range, [&](OffsetRange gap) { left.add(gap); });
  }
  return left;
}

void Outbox::on_reconnected(std::size_t stream) {
  const std::lock_guard lock(mutex_);
  streams_[stream].on_reconnected();
  changed(stream);
}

std::uint64_t Outbox::next_offset(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  const StreamLog& log = streams_[stream].log();
  const std::uint64_t next = log.next();
  return next != StreamLog::kNone ? next : log.end();
}

Outbox::Progress Outbox::progress(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  const StreamLog& log = streams_[stream].log();
  return {log.begin(), log.resolved().size(), log.in_flight()};
}

void Outbox::hold_arrived(bool hold) {
  const std::lock_guard lock(mutex_);
  holds_ = hold;
}

std::vector<StreamStatus> Outbox::statuses() const {
  const std::lock_guard lock(mutex_);
  const TimePoint now = steady_now();
  std::vector<StreamStatus> statuses;
  statuses.reserve(streams_.size());
  for (const StreamOutbox& stream : streams_) statuses.push_back(stream.status(now));
  return statuses;
}

DeliveryHistogram Outbox::deliveries() const {
  const std::lock_guard lock(mutex_);
  return deliveries_;
}

std::size_t Outbox::memory_used() const {
  const std::lock_guard lock(mutex_);
  return shares_.used();
}

}  // namespace plotbridge::app
