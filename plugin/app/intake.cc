#include "plugin/app/intake.h"

#include "plugin/app/clock.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace plotbridge::app {
namespace {

queue::WhenFull to_queue(config::WhenFull when_full) {
  return when_full == config::WhenFull::kDropNewest ? queue::WhenFull::kDropNewest
                                                    : queue::WhenFull::kDropOldest;
}

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

}  // namespace

Intake::Slot::Slot(const config::Stream& stream, queue::MemoryBudget& budget)
    : queue(stream.queue_capacity, to_queue(stream.when_full), budget),
      pacer(stream.max_rate),
      sampler(to_stream(stream.when_faster), pacer.interval()) {
  status.name = stream.name;
}

Intake::Intake(std::span<const config::Stream> streams, std::size_t memory) : budget_(memory) {
  slots_.reserve(streams.size());
  for (const config::Stream& stream : streams) slots_.emplace_back(stream, budget_);
}

std::optional<Discarded> Intake::push(std::size_t stream, const Line& line, TimePoint received) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[stream];
  if (line.bytes.size() > protocol::kMaxLineBytes) {
    count(slot, Discarded::kTooLarge, 1);
    return Discarded::kTooLarge;
  }
  using Fate = stream::Sampler::Fate;
  const auto [fate, bytes] =
      slot.sampler.take(line, {received, slot.queue.unsent(), slot.pacer.next_send()});
  if (fate == Fate::kSkip ||
      (fate == Fate::kReplaceNewest && slot.queue.replace_newest(bytes, received))) {
    count(slot, Discarded::kThrottled, 1);
    return std::nullopt;  // whoever queued the line that waits has marked the stream
  }
  if (fate == Fate::kReplaceBeforeNewest && slot.queue.drop_before_newest()) {
    count(slot, Discarded::kThrottled, 1);
  }
  const queue::Pushed pushed = slot.queue.push(bytes, received);
  if (!pushed.taken || fate == Fate::kReplaceNewest) slot.sampler.forget();  // for want of room
  const std::size_t lost = pushed.dropped + (pushed.taken ? 0 : 1);
  count(slot, Discarded::kQueueFull, lost);
  if (!slot.dirty) {
    slot.dirty = true;
    dirty_.push_back(stream);
  }
  if (lost > 0) return Discarded::kQueueFull;
  return std::nullopt;
}

void Intake::take_dirty(std::vector<std::size_t>& streams) {
  streams.clear();
  const std::lock_guard lock(mutex_);
  streams.swap(dirty_);
  for (const std::size_t stream : streams) slots_[stream].dirty = false;
}

Intake::Filled Intake::fill(std::size_t stream, std::span<char> room, std::size_t& offset,
                            TimePoint now, std::uint64_t stop_before) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[stream];
  Filled filled;
  while (offset > 0 || slot.queue.has_unsent()) {
    const bool begun = offset > 0;
    if (!begun) {
      if (slot.queue.front_number() >= stop_before) break;
      if (slot.pacer.limited()) {
        filled.next = slot.pacer.next_send();
        // Paced streams get one line a chunk, as Chart Studio's own clients send.
        if (filled.lines > 0 || now < filled.next) break;
      }
    }
    const queue::QueuedLine line = begun ? slot.queue.handed_out() : slot.queue.front();
    const std::string_view rest = line.bytes.substr(offset);
    const std::size_t left = room.size() - filled.bytes;
    const bool fits = rest.size() <= left;
    if (!fits && filled.bytes > 0) break;
    const std::size_t taken = std::min(rest.size(), left);
    std::memcpy(room.data() + filled.bytes, rest.data(), taken);
    filled.bytes += taken;
    // Once begun, a line is on its way: nothing newer takes its place.
    if (!begun) slot.queue.advance();
    if (!fits) {
      offset += taken;
      break;
    }
    offset = 0;
    ++filled.lines;
    deliveries_.observe(now - line.received);
    if (slot.pacer.limited()) slot.pacer.sent(now);
  }
  // Also with nothing left behind the last line that may go.
  if (offset == 0) filled.at_limit = slot.queue.front_number() >= stop_before;
  if (!slot.queue.has_unsent() || filled.at_limit) filled.next = kNever;
  slot.status.sent_lines += filled.lines;
  slot.sent.count(now, filled.lines);
  return filled;
}

void Intake::release(std::size_t stream, std::size_t lines) {
  const std::lock_guard lock(mutex_);
  slots_[stream].queue.release(lines);
}

std::uint64_t Intake::front_number(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  return slots_[stream].queue.front_number();
}

std::size_t Intake::discard_rest() {
  const std::lock_guard lock(mutex_);
  std::size_t lines = 0;
  for (Slot& slot : slots_) {
    count(slot, Discarded::kShutdown, slot.queue.unsent());
    lines += slot.queue.unsent();
  }
  return lines;
}

std::vector<StreamStatus> Intake::statuses() const {
  const std::lock_guard lock(mutex_);
  const TimePoint now = steady_now();
  std::vector<StreamStatus> statuses;
  statuses.reserve(slots_.size());
  for (const Slot& slot : slots_) {
    statuses.push_back(slot.status);
    statuses.back().queued = slot.queue.unsent();
    statuses.back().lines_per_second = RateMeter(slot.sent).rate(now);
  }
  return statuses;
}

DeliveryHistogram Intake::deliveries() const {
  const std::lock_guard lock(mutex_);
  return deliveries_;
}

std::size_t Intake::memory_used() const {
  const std::lock_guard lock(mutex_);
  return budget_.used();
}

void Intake::count(Slot& slot, Discarded why, std::size_t lines) {
  slot.status.discarded[static_cast<std::size_t>(why)] += lines;
}

}  // namespace plotbridge::app
