#include "plugin/app/stream_outbox.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace plotbridge::app {
namespace {

stream::WhenFaster to_stream(config::WhenFaster when_faster) {
  switch (when_faster) {
    case config::WhenFaster::kLatest:
      return stream::WhenFaster::kLatest;
    case config::WhenFaster::kMean:
      return stream::WhenFaster::kMean;
    case config::WhenFaster::kMinMax:
      return stream::WhenFaster::kMinMax;
    case config::WhenFaster::kQueue:
      return stream::WhenFaster::kQueue;
  }
  return stream::WhenFaster::kQueue;
}

std::size_t copy(std::string_view bytes, std::span<char> room) {
  const std::size_t size = std::min(bytes.size(), room.size());
  std::memcpy(room.data(), bytes.data(), size);
  return size;
}

}  // namespace

StreamOutbox::StreamOutbox(const config::Stream& stream, queue::Recovered recovered,
                           std::size_t block_bytes, bool has_store, Resolved given_up)
    : reserved(recovered.end),
      log_(recovered.end, std::move(recovered.resolved), block_bytes),
      pacer_(stream.max_rate),
      sampler_(to_stream(stream.when_faster), pacer_.interval()),
      capacity_(stream.queue_capacity),
      when_full_(stream.when_full),
      backlog_(stream.backlog),
      has_store_(has_store),
      given_up_(std::move(given_up)) {
  status_.name = stream.name;
}

std::optional<Discarded> StreamOutbox::accept(const Line& line, TimePoint now) {
  const auto [fate, bytes] = sampler_.take(line, {now, log_.waiting_live(), pacer_.next_send()});
  if (fate == Fate::kSkip || merge(fate, bytes, now)) {
    count(Discarded::kThrottled, 1);
    return std::nullopt;
  }
  // The sampler counts on lines that are not there any more.
  if (fate != Fate::kAppend) sampler_.forget();
  const bool full = !has_store_ && log_.waiting() >= capacity_;
  if (full && when_full_ == config::WhenFull::kDropNewest) {
    sampler_.forget();
    count(Discarded::kQueueFull, 1);
    return Discarded::kQueueFull;
  }
  log_.append({bytes, now, false});
  if (!full) return std::nullopt;
  if (!give_up_over_capacity(Discarded::kQueueFull)) return std::nullopt;
  return Discarded::kQueueFull;
}

bool StreamOutbox::merge(Fate fate, std::string_view bytes, TimePoint now) {
  if (fate == Fate::kReplaceNewest && log_.can_rewrite(1)) {
    log_.rewrite(1, [&] { return queue::LineBlock::Line{bytes, now, false}; });
    return true;
  }
  if (fate != Fate::kReplaceBeforeNewest || !log_.can_rewrite(2)) return false;
  const queue::LineBlock::Line newest = *log_.find(log_.end() - 1);
  const std::string moved(newest.bytes);
  bool first = true;
  log_.rewrite(2, [&] {
    return std::exchange(first, false) ? queue::LineBlock::Line{moved, newest.received, false}
                                       : queue::LineBlock::Line{bytes, now, false};
  });
  return true;
}

StreamOutbox::Filled StreamOutbox::fill(std::span<char> room, TimePoint now, const Limits& limits,
                                        std::vector<OffsetRange>& sent,
                                        DeliveryHistogram& deliveries) {
  Filled filled;
  for (;;) {
    const bool begun = in_part();
    const std::uint64_t next = begun                    ? log_.in_part()
                               : limits.stop            ? log_.kNone
                               : limits.only != nullptr ? log_.next_of(*limits.only)
                                                        : log_.next();
    if (next == log_.kNone) {
      filled.at_limit = limits.stop || limits.only != nullptr;
      filled.next = kNever;
      break;
    }
    if (!begun && pacer_.limited()) {
      filled.next = pacer_.next_send();
      // Paced streams get one line a chunk, as Chart Studio's own clients send.
      if (filled.lines > 0 || now < filled.next) break;
    }
    const auto line = log_.find(next);
    if (!line) {
      filled.missing = next;
      filled.next = kNever;
      break;
    }
    std::string control;
    if (!begun && limits.position != nullptr) {
      control = limits.position->control_before(next, log_.resolved());
    }
    const std::string_view rest = line->bytes.substr(part_sent_);
    const bool fits = control.size() + rest.size() <= room.size() - filled.bytes;
    if (!fits && filled.bytes > 0) break;
    filled.bytes += copy(control, room.subspan(filled.bytes));
    const std::size_t taken = copy(rest, room.subspan(filled.bytes));
    filled.bytes += taken;
    part_sent_ = fits ? 0 : part_sent_ + taken;
    const Duration waited = now - line->received;
    if (!begun && limits.position != nullptr) limits.position->sent(next);
    // Once begun, a line is in flight: nothing newer is written in its place.
    log_.sent(next, !fits);
    if (!fits) break;
    append_range(sent, {next, next + 1});
    ++filled.lines;
    deliveries.observe(waited);
    if (pacer_.limited()) pacer_.sent(now);
  }
  status_.sent_lines += filled.lines;
  sent_rate_.count(now, filled.lines);
  return filled;
}

void StreamOutbox::connection_ended() {
  log_.connection_ended();
  part_sent_ = 0;
}

void StreamOutbox::on_reconnected() {
  if (backlog_ == config::Backlog::kDrop && log_.end() > 0) {
    log_.resolve_waiting({0, log_.end() - 1}, [this](OffsetRange range) {
      count(Discarded::kBacklog, range.size());
      given_up_(range);
    });
  } else if (backlog_ == config::Backlog::kLiveFirst) {
    log_.set_live_from(log_.end());
  }
}

std::uint64_t StreamOutbox::waiting_in_memory_alone() const {
  return has_store_ ? std::min(log_.waiting(), log_.unstored()) : log_.waiting();
}

std::uint64_t StreamOutbox::give_up(OffsetRange range, Discarded why) {
  std::uint64_t lines = 0;
  log_.resolve(range, [&](OffsetRange part) {
    lines += part.size();
    given_up_(part);
  });
  count(why, lines);
  return lines;
}

std::uint64_t StreamOutbox::first_to_give_up() const {
  return when_full_ == config::WhenFull::kDropNewest ? log_.newest_waiting_unstored()
                                                     : log_.oldest_waiting_unstored();
}

bool StreamOutbox::give_up_over_capacity(Discarded why) {
  if (blocks()) return false;
  while (is_over_capacity()) {
    const std::uint64_t at = first_to_give_up();
    if (at == log_.kNone) return false;
    give_up({at, at + 1}, why);
  }
  return true;
}

// What the store has is no loss, and leaves memory by other means.
bool StreamOutbox::give_up_block(Discarded why) {
  const std::uint64_t first = blocks() ? log_.kNone : first_to_give_up();
  if (first == log_.kNone) return false;
  RangeSet lines;
  const OffsetRange block = log_.block_around(first);
  for (std::uint64_t at = block.from; at < block.to; ++at) {
    if (!log_.find(at)->stored && !log_.is_in_flight(at)) lines.add(at);
  }
  for (const OffsetRange& range : lines.ranges()) give_up(range, why);
  return true;
}

std::uint64_t StreamOutbox::lost_by_store(OffsetRange range, Discarded why) {
  std::uint64_t lines = 0;
  log_.lost_by_store(range, [&](OffsetRange part) { lines += part.size(); });
  count(why, lines);
  return lines;
}

void StreamOutbox::look_whether_full(std::size_t reserve) {
  if (!blocks()) return;
  const std::uint64_t waiting = waiting_in_memory_alone();
  if (waiting > capacity_) is_full_ = true;
  // What the store has can leave memory at any time.
  const bool has_room = has_store_ || log_.memory() <= reserve;
  if (is_full_ && waiting <= capacity_ / 2 && has_room) is_full_ = false;
}

StreamStatus StreamOutbox::status(TimePoint now) const {
  StreamStatus status = status_;
  status.queued = log_.waiting_in_memory();
  status.spooled = log_.waiting() - status.queued;
  status.lines_per_second = RateMeter(sent_rate_).rate(now);
  return status;
}

}  // namespace plotbridge::app
