#include "plugin/app/intake.h"

#include "plugin/base/clock.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// For each message that comes although there is no room: few do until the broker is left, and the
// connection outlives as much.
constexpr Duration kSlowDown = 50ms;

queue::WhenFull to_queue(config::WhenFull when_full) {
  return when_full == config::WhenFull::kDropOldest ? queue::WhenFull::kDropOldest
                                                    : queue::WhenFull::kDropNewest;
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

bool blocks(const config::Stream& stream) { return stream.when_full == config::WhenFull::kBlock; }

// Messages go on coming for a moment after the broker was told to keep them.
std::size_t hard_capacity(const config::Stream& stream) {
  return blocks(stream) ? 2 * stream.queue_capacity + 10'000 : stream.queue_capacity;
}

}  // namespace

Intake::Slot::Slot(const config::Stream& stream, queue::MemoryBudget& budget)
    : queue(hard_capacity(stream), to_queue(stream.when_full), budget),
      held(budget),
      pacer(stream.max_rate),
      sampler(to_stream(stream.when_faster), pacer.interval()),
      capacity(stream.queue_capacity),
      soft_capacity(blocks(stream) ? stream.queue_capacity : Intake::kNoLimit),
      backlog(stream.backlog) {
  status.name = stream.name;
  if (backlog == config::Backlog::kLiveFirst) queue.memory().keep_lanes();
}

Intake::Intake(std::span<const config::Stream> streams, const IntakeOptions& options)
    : options_(options), budget_(options.memory) {
  slots_.reserve(streams.size());
  for (const config::Stream& stream : streams) {
    slots_.emplace_back(stream, budget_);
    if (options_.store == nullptr) continue;
    slots_.back().queue.start(options_.store->recovered(slots_.size() - 1));
    if (slots_.back().queue.spooled() > 0) mark_dirty(slots_.size() - 1);
  }
  wants_pause_ = options_.store != nullptr && options_.when_spool_full == WhenSpoolFull::kBlock &&
                 is_above(kHighWater);
}

std::optional<Discarded> Intake::push(std::size_t stream, const Line& line,
                                      const Arrival& arrival) {
  const auto lost = take(stream, line, arrival);
  if (wants_pause_) {
    // What is left of the room has to last until the broker is left.
    std::unique_lock lock(mutex_);
    room_.wait_for(lock, kSlowDown, [this] { return !wants_pause_; });
  }
  return lost;
}

std::optional<Discarded> Intake::take(std::size_t stream, const Line& line,
                                      const Arrival& arrival) {
  std::unique_lock lock(mutex_);
  Slot& slot = slots_[stream];
  if (line.bytes.size() > protocol::kMaxLineBytes) {
    count(slot, Discarded::kTooLarge, 1);
    return Discarded::kTooLarge;
  }
  const auto [fate, bytes] =
      slot.sampler.take(line, {arrival.at, slot.queue.live(), slot.pacer.next_send()});
  if (fate == Fate::kSkip) {
    count(slot, Discarded::kThrottled, 1);
    return std::nullopt;
  }
  if (!needs_spool(slot, fate, arrival)) {
    // Without a spool a full queue gives lines up; with one it has more room there.
    if (options_.store == nullptr || fate != Fate::kAppend) {
      const auto lost = put_in_memory(stream, fate, bytes, arrival, Discarded::kQueueFull);
      mark_dirty(stream);
      note_pressure(slot);
      return lost;
    }
    if (slot.queue.append_in_memory(bytes, arrival.at)) {
      mark_dirty(stream);
      return std::nullopt;
    }
  }
  lock.unlock();
  return put_in_spool(stream, fate, bytes, arrival);
}

bool Intake::needs_spool(const Slot& slot, Fate fate, const Arrival& arrival) const {
  if (options_.store == nullptr) return false;
  if (slot.queue.belongs_in_store(arrival.must_last)) return true;
  if (!slot.held.empty() || slot.spoolers > 0) return true;
  return fate != Fate::kAppend && slot.queue.live() > 0 && !merges_in_memory(slot, fate);
}

// Whether the line takes the place of one that memory alone has.
bool Intake::merges_in_memory(const Slot& slot, Fate fate) {
  return fate != Fate::kAppend && slot.queue.are_unstored(fate == Fate::kReplaceNewest ? 1 : 2);
}

std::optional<Discarded> Intake::put_in_memory(std::size_t stream, Fate fate,
                                               std::string_view bytes, const Arrival& arrival,
                                               Discarded full) {
  Slot& slot = slots_[stream];
  queue::LineQueue& memory = slot.queue.memory();
  if (fate == Fate::kReplaceNewest && memory.live() > 0) {
    memory.replace_newest({bytes, arrival.at, memory.newest().id, false});
    count(slot, Discarded::kThrottled, 1);
    return std::nullopt;
  }
  if (fate == Fate::kReplaceBeforeNewest && slot.queue.drop_before_newest(false)) {
    count(slot, Discarded::kThrottled, 1);
  }
  queue::Pushed pushed = slot.queue.push(bytes, arrival.at);
  tell(stream, pushed.gone);
  if (!pushed.taken && slot.soft_capacity != kNoLimit) {
    // Few come before the broker is left, and none of them may be dropped.
    slot.queue.push_always(bytes, arrival.at);
    want_pause();
    pushed.taken = true;
  }
  if (!pushed.taken || fate == Fate::kReplaceNewest) slot.sampler.forget();  // for want of room
  const std::size_t lost = pushed.dropped + (pushed.taken ? 0 : 1);
  count(slot, full, lost);
  return lost > 0 ? std::optional(full) : std::nullopt;
}

void Intake::mark_dirty(std::size_t stream) {
  if (std::exchange(slots_[stream].dirty, true)) return;
  dirty_.push_back(stream);
}

void Intake::take_dirty(std::vector<std::size_t>& streams) {
  streams.clear();
  const std::lock_guard lock(mutex_);
  streams.swap(dirty_);
  for (const std::size_t stream : streams) slots_[stream].dirty = false;
}

Intake::Filled Intake::fill(std::size_t stream, std::span<char> room, std::size_t& offset,
                            TimePoint now, std::uint64_t stop_before, bool numbered) {
  Filled filled;
  if (options_.store != nullptr && offset == 0 && wait_for_store(stream, numbered, filled, now)) {
    return filled;
  }
  std::unique_lock lock(mutex_);
  Slot& slot = slots_[stream];
  let_held_go(slot);
  queue::LineQueue& memory = slot.queue.memory();
  while (offset > 0 || slot.queue.is_ready()) {
    const bool begun = offset > 0;
    if (!begun) {
      if (memory.front_number() >= stop_before) break;
      if (slot.pacer.limited()) {
        filled.next = slot.pacer.next_send();
        // Paced streams get one line a chunk, as Chart Studio's own clients send.
        if (filled.lines > 0 || now < filled.next) break;
      }
    }
    if (!begun && numbered && options_.store != nullptr) {
      const Numbered next = number_next(stream, lock, filled);
      if (next == Numbered::kWaits) break;
      if (next == Numbered::kAgain) continue;  // another line may be next by now
    }
    const queue::QueuedLine line = begun ? memory.handed_out() : memory.front();
    const std::string_view rest = line.bytes.substr(offset);
    const std::size_t left = room.size() - filled.bytes;
    const bool fits = rest.size() <= left;
    if (!fits && filled.bytes > 0) break;
    const std::size_t taken = std::min(rest.size(), left);
    std::memcpy(room.data() + filled.bytes, rest.data(), taken);
    filled.bytes += taken;
    const Duration waited = now - line.received;
    // Once begun, a line is on its way: nothing newer takes its place.
    if (!begun) memory.advance();
    if (!fits) {
      offset += taken;
      break;
    }
    offset = 0;
    ++filled.lines;
    deliveries_.observe(waited);
    if (slot.pacer.limited()) slot.pacer.sent(now);
  }
  // Also with nothing left behind the last line that may go.
  if (offset == 0) filled.at_limit = memory.front_number() >= stop_before;
  if (slot.queue.unsent() == 0 || filled.at_limit || filled.waits) filled.next = kNever;
  slot.status.sent_lines += filled.lines;
  slot.sent.count(now, filled.lines);
  return filled;
}

void Intake::release(std::size_t stream, std::size_t lines) {
  const std::lock_guard lock(mutex_);
  tell(stream, slots_[stream].queue.release(lines));
}

bool Intake::release_before(std::size_t stream, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  queue::SpooledQueue& queue = slots_[stream].queue;
  const std::uint64_t first = queue.memory().flight_number();
  if (number < first || number - first > queue.memory().in_flight()) return false;
  tell_arrived(stream, queue.release(static_cast<std::size_t>(number - first)));
  return true;
}

std::uint64_t Intake::front_number(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  return slots_[stream].queue.memory().front_number();
}

bool Intake::has_unsent(std::size_t stream) const {
  const std::lock_guard lock(mutex_);
  return slots_[stream].queue.unsent() > 0 || !slots_[stream].held.empty();
}

void Intake::came_back(std::size_t stream) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[stream];
  if (slot.backlog == config::Backlog::kDrop) {
    std::size_t dropped = 0;
    tell(stream, slot.queue.drop_backlog(dropped));
    count(slot, Discarded::kBacklog, dropped);
  } else if (slot.backlog == config::Backlog::kLiveFirst) {
    slot.history_due = merging_ == stream;
    if (!slot.history_due) slot.queue.begin_history();
  }
}

std::vector<StreamStatus> Intake::statuses() const {
  const std::lock_guard lock(mutex_);
  const TimePoint now = steady_now();
  std::vector<StreamStatus> statuses;
  statuses.reserve(slots_.size());
  for (const Slot& slot : slots_) {
    statuses.push_back(slot.status);
    statuses.back().queued = slot.queue.memory().unsent() + slot.held.lines();
    statuses.back().spooled = slot.queue.spooled();
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
