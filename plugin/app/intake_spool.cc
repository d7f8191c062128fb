// What Intake does with the spool: puts lines there, gets them back, makes room.
#include "plugin/app/intake.h"
#include "plugin/base/clock.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

namespace plotbridge::app {
namespace {

using Kept = queue::LineStore::Kept;

constexpr std::size_t kLooks = 64;  // while it fills once

}  // namespace

std::optional<Discarded> Intake::put_in_spool(std::size_t stream, Fate fate, std::string_view bytes,
                                              const Arrival& arrival) {
  const std::lock_guard spool_lock(spool_mutex_);
  if (fate == Fate::kAppend) return merge_or_put(stream, fate, bytes, arrival);
  // Lines that the spool merges stay where they are meanwhile.
  {
    const std::lock_guard lock(mutex_);
    merging_ = stream;
  }
  const auto lost = merge_or_put(stream, fate, bytes, arrival);
  const std::lock_guard lock(mutex_);
  merging_.reset();
  if (std::exchange(slots_[stream].history_due, false)) slots_[stream].queue.begin_history();
  return lost;
}

std::optional<Discarded> Intake::merge_or_put(std::size_t stream, Fate fate, std::string_view bytes,
                                              const Arrival& arrival) {
  if (!put_held(stream, arrival.wall)) {
    const std::lock_guard lock(mutex_);
    return hold(slots_[stream], bytes, arrival);
  }
  Slot& slot = slots_[stream];
  const std::uint64_t given_up_before = given_up_lines_;
  Kept kept = store_memory(stream, arrival.wall);
  if (kept == Kept::kYes) {
    if (fate == Fate::kReplaceBeforeNewest) take_out_before_newest(stream, arrival);
    if (fate == Fate::kReplaceNewest && replace_newest(stream, bytes, arrival)) return std::nullopt;
    // Nobody but who has the spool's lock gives ids meanwhile.
    kept = append(stream, slot.queue.next_id(), bytes, arrival, false);
  }
  const std::lock_guard lock(mutex_);
  if (kept == Kept::kYes) {
    slot.queue.append_stored(bytes, arrival.at);
    mark_dirty(stream);
    return given_up_lines_ > given_up_before ? std::optional(Discarded::kSpoolFull) : std::nullopt;
  }
  // What came from disk beyond the queue's capacity is not given up for a newer line.
  const queue::LineQueue& memory = slot.queue.memory();
  const bool full_of_older =
      slot.soft_capacity == kNoLimit && memory.unsent() - memory.again() > slot.capacity;
  if (kept == Kept::kFailed && slot.queue.spooled_live() == 0 && !full_of_older) {
    mark_dirty(stream);
    slot.is_owed = slot.is_owed || arrival.must_last;
    const bool merges = merges_in_memory(slot, fate);
    if (!merges && fate != Fate::kAppend) slot.sampler.forget();
    return put_in_memory(stream, merges ? fate : Fate::kAppend, bytes, arrival,
                         Discarded::kSpoolFailed);
  }
  const bool blocks = options_.when_spool_full == WhenSpoolFull::kBlock;
  if (kept == Kept::kFailed || blocks) return hold(slot, bytes, arrival);
  count(slot, Discarded::kSpoolFull, 1);
  slot.sampler.forget();
  return Discarded::kSpoolFull;
}

// What memory alone has goes to the spool before anything newer does: a restart goes on with what
// is there, and the number of a line must not be that of one which is gone.
Kept Intake::store_memory(std::size_t stream, WallTime wall) {
  Slot& slot = slots_[stream];
  Copies lines;
  std::vector<queue::Numbering> numberings;
  bool must_last = false;
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!slot.queue.has_unstored()) return Kept::kYes;
  }
  if (!options_.store->may_try()) return Kept::kFailed;
  std::unique_lock numbering_lock(numbering_mutex_);
  {
    const std::lock_guard lock(mutex_);
    slot.queue.each_unstored([&](const queue::QueuedLine& line) {
      lines.emplace_back(line.id, std::string(line.bytes));
    });
    numberings = std::exchange(slot.numberings, {});  // those that were made before
    for (const queue::Numbering& more : slot.queue.number_flight()) numberings.push_back(more);
    must_last = slot.is_owed;
    before = slot.queue.next_id();
    ++slot.spoolers;
    ++slot.numbering;
  }
  std::ranges::sort(lines);  // lanes have them in another order
  for (const queue::Numbering& numbering : numberings) options_.store->number(stream, numbering);
  numbering_lock.unlock();
  {
    const std::lock_guard lock(mutex_);
    --slot.numbering;
    mark_dirty(stream);  // it may have waited for one of them
  }
  Kept kept = Kept::kYes;
  for (const auto& [id, bytes] : lines) {
    kept = append(stream, id, bytes, {{}, wall, must_last}, false);
    if (kept == Kept::kYes) continue;
    before = id;
    break;
  }
  const std::lock_guard lock(mutex_);
  --slot.spoolers;
  if (kept == Kept::kYes) slot.is_owed = false;
  const bool any = lines.empty() || before > lines.front().first;
  slot.queue.stored_before(any ? before : 0);
  if (any) tell(stream, gone_from_memory(slot, lines, before));
  return kept;
}

// Those that went from memory while they came into the spool: nobody knew yet that they are there.
queue::IdRanges Intake::gone_from_memory(const Slot& slot, const Copies& lines,
                                         std::uint64_t before) {
  std::unordered_set<std::uint64_t> left;
  slot.queue.memory().each([&](const queue::QueuedLine& line) { left.insert(line.id); });
  queue::IdRanges gone;
  for (const auto& [id, bytes] : lines) {
    if (id < before && !left.contains(id)) gone.add(id);
  }
  return gone;
}

// What the disk did not take when it came goes there now. False: it does not take it.
bool Intake::catch_up(std::size_t stream, WallTime wall) {
  return put_held(stream, wall) && store_memory(stream, wall) == Kept::kYes;
}

std::optional<Discarded> Intake::hold(Slot& slot, std::string_view bytes, const Arrival& arrival) {
  slot.sampler.forget();
  const bool blocks = options_.when_spool_full == WhenSpoolFull::kBlock;
  if (slot.held.lines() < slot.capacity && slot.held.push({bytes, arrival.at})) return std::nullopt;
  if (blocks) {
    // Few come before the broker is left, and none of them may be dropped.
    slot.held.push_always({bytes, arrival.at});
    want_pause();
    return std::nullopt;
  }
  count(slot, Discarded::kSpoolFailed, 1);
  return Discarded::kSpoolFailed;
}

// What was held goes where it belongs, as far as the disk takes it again. True: nothing is held any
// more, so that a newer line may follow.
bool Intake::put_held(std::size_t stream, WallTime wall) {
  Slot& slot = slots_[stream];
  std::unique_lock lock(mutex_);
  let_held_go(slot);
  if (slot.held.empty()) return true;
  ++slot.spoolers;
  lock.unlock();
  Kept kept = store_memory(stream, wall);
  lock.lock();
  while (!slot.held.empty() && kept == Kept::kYes) {
    const std::string bytes(slot.held.front().bytes);
    const TimePoint received = slot.held.front().received;
    lock.unlock();
    kept = append(stream, slot.queue.next_id(), bytes, {received, wall, true}, false);
    lock.lock();
    if (kept != Kept::kYes) break;
    slot.queue.append_stored(bytes, received);
    slot.held.pop_front();
    mark_dirty(stream);
  }
  --slot.spoolers;
  return slot.held.empty();
}

// Nothing is before it on disk any more.
void Intake::let_held_go(Slot& slot) {
  if (slot.spoolers > 0 || slot.queue.spooled_live() > 0) return;
  while (!slot.held.empty() &&
         slot.queue.append_in_memory(slot.held.front().bytes, slot.held.front().received)) {
    slot.held.pop_front();
    slot.is_owed = true;
  }
}

bool Intake::replace_newest(std::size_t stream, std::string_view bytes, const Arrival& arrival) {
  Slot& slot = slots_[stream];
  std::unique_lock lock(mutex_);
  if (slot.queue.live() == 0) return false;
  lock.unlock();
  const Kept kept = append(stream, slot.queue.next_id() - 1, bytes, arrival, true);
  lock.lock();
  ++given_up_times_;  // what was read of the spool meanwhile may be the line before
  if (slot.queue.live() == 0) return false;  // it has gone meanwhile: this one follows it
  if (kept != Kept::kYes) {
    slot.sampler.forget();
    return false;  // the disk has the older one, and this one follows it
  }
  slot.queue.replace_newest_stored(bytes, arrival.at);
  count(slot, Discarded::kThrottled, 1);
  mark_dirty(stream);
  return true;
}

void Intake::take_out_before_newest(std::size_t stream, const Arrival& arrival) {
  Slot& slot = slots_[stream];
  std::unique_lock lock(mutex_);
  const auto newest = slot.queue.newest();
  if (!newest || slot.queue.memory().live() < 2) return;
  const std::string bytes(newest->bytes);
  const std::uint64_t id = newest->id;
  lock.unlock();
  if (append(stream, id - 1, bytes, arrival, true) != Kept::kYes) return;
  lock.lock();
  if (slot.queue.drop_before_newest(true)) count(slot, Discarded::kThrottled, 1);
}

Kept Intake::append(std::size_t stream, std::uint64_t id, std::string_view bytes,
                    const Arrival& arrival, bool replaces) {
  queue::LineStore& store = *options_.store;
  const queue::LineStore::NewLine line{id, bytes, arrival.wall, arrival.must_last};
  // Nothing goes for one that fills the spool alone.
  const bool may_have_room = bytes.size() <= options_.store_capacity / 4;
  const bool drops_oldest = options_.when_spool_full == WhenSpoolFull::kDropOldest;
  Kept kept = Kept::kNoRoom;
  do {
    kept = replaces ? store.replace(stream, line) : store.append(stream, line);
  } while (kept == Kept::kNoRoom && may_have_room &&
           (let_arrived_go() || (drops_oldest && make_room_in_spool())));
  if (arrival.must_last) ++appends_that_last_;  // after it: what is counted is in the store
  if (options_.when_spool_full == WhenSpoolFull::kBlock) {
    appended_ += bytes.size();
    const bool look = appended_ > options_.store_capacity / kLooks;
    if (look) appended_ = 0;
    if (kept != Kept::kYes || (look && is_above(kHighWater) && !let_arrived_go())) want_pause();
  }
  return kept;
}

void Intake::end_message() {
  // Also when the last of its lines could not be appended: those before it were.
  const std::uint64_t appended = appends_that_last_;
  std::uint64_t synced = synced_appends_;
  if (appended == synced) return;
  options_.store->sync();
  // Only now: another thread that ends a message meanwhile has to wait, too. It may have synced
  // more.
  while (synced < appended && !synced_appends_.compare_exchange_weak(synced, appended)) {
  }
}

bool Intake::make_room_in_spool() {
  const std::size_t before = options_.store->gauges({}).bytes;
  give_up(Discarded::kSpoolFull, [this] { return options_.store->give_up_oldest(); });
  return options_.store->gauges({}).bytes < before;
}

void Intake::see_to_spool(const Moment& now) {
  if (options_.store == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    hold_.release_due(now.at, [this](std::size_t stream, const auto& ids) { tell(stream, ids); });
  }
  const std::lock_guard spool_lock(spool_mutex_);
  options_.store->see_clocks(now);
  give_up(Discarded::kExpired, [&] { return options_.store->expire(now.wall); });
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    {
      const std::lock_guard lock(mutex_);
      if (!slots_[i].is_owed && slots_[i].held.empty()) continue;
    }
    catch_up(i, now.wall);
  }
  end_message();
}

template <class GiveUp>
void Intake::give_up(Discarded why, const GiveUp& from_store) {
  {
    const std::lock_guard lock(mutex_);
    giving_up_ = true;
  }
  const std::vector<queue::Lost> lost = from_store();
  const std::lock_guard lock(mutex_);
  for (const queue::Lost& lines : lost) {
    const std::size_t gone = slots_[lines.stream].queue.lost(lines);
    count(slots_[lines.stream], why, gone);
    // Its loop may be just finding that there is nothing more in memory.
    if (gone > 0) mark_dirty(lines.stream);
    given_up_lines_ += gone;
  }
  giving_up_ = false;
  ++given_up_times_;
}

void Intake::tell_arrived(std::size_t stream, const queue::IdRanges& ids) {
  if (!holds_ || options_.store == nullptr) return tell(stream, ids);
  hold_.add(stream, ids, steady_now());
}

void Intake::hold_arrived(bool hold) {
  const std::lock_guard lock(mutex_);
  holds_ = hold;
}

// For the sake of room: they are no loss. False: there are none.
bool Intake::let_arrived_go() {
  const std::lock_guard lock(mutex_);
  return hold_.release_oldest([this](std::size_t stream, const auto& ids) { tell(stream, ids); });
}

void Intake::tell(std::size_t stream, const queue::IdRanges& ids) {
  if (options_.store == nullptr) return;
  ids.each([&](const auto& range) { options_.store->release(stream, range.from, range.to); });
}

Intake::Rest Intake::put_away() {
  const std::lock_guard spool_lock(spool_mutex_);
  if (options_.store != nullptr) {
    const Moment now = moment_now();
    options_.store->see_clocks(now);
    options_.store->retry();
    for (std::size_t i = 0; i < slots_.size(); ++i) catch_up(i, now.wall);
    options_.store->sync();
  }
  const std::lock_guard lock(mutex_);
  Rest rest;
  for (Slot& slot : slots_) {
    std::size_t lost = slot.queue.memory().unsent();
    if (options_.store != nullptr) {
      lost = slot.held.lines();
      slot.queue.each_unstored([&lost](const auto&) { ++lost; });
      lost += slot.queue.outlived();
      const std::size_t left = slot.queue.unsent() + slot.queue.memory().in_flight();
      rest.kept += left + slot.held.lines() - lost;
    }
    count(slot, Discarded::kShutdown, lost);
    rest.lost += lost;
  }
  return rest;
}

bool Intake::is_above(double part) const {
  const auto bytes = static_cast<double>(options_.store->gauges({}).bytes);
  return bytes > part * static_cast<double>(options_.store_capacity);
}

void Intake::want_pause() {
  if (!wants_pause_.exchange(true) && options_.on_pressure) options_.on_pressure();
}

void Intake::note_pressure(const Slot& slot) {
  if (slot.queue.memory().unsent() > slot.soft_capacity) want_pause();
}

void Intake::look_for_room() {
  if (!wants_pause_) return;
  if (options_.store != nullptr && is_above(kLowWater)) {
    let_arrived_go();
    return;
  }
  const std::lock_guard lock(mutex_);
  const bool memory_full = budget_.used() > budget_.capacity() / 4 * 3;
  const bool full = std::ranges::any_of(slots_, [memory_full](const Slot& slot) {
    const bool blocks = slot.soft_capacity != kNoLimit;
    const bool queue_full = slot.queue.memory().unsent() > slot.soft_capacity / 2 || memory_full;
    return (blocks && queue_full) || slot.held.lines() > slot.capacity / 2;
  });
  if (full) return;
  wants_pause_ = false;
  room_.notify_all();
}

}  // namespace plotbridge::app
