// What Intake has the store do before lines can go: give what it alone has, and write the numbers
// under which lines go. By a thread that may wait for the disk, or by the stream loop if there is
// none.
#include "plugin/app/intake.h"

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// The spool did not give lines just now; it is asked again after this time.
constexpr Duration kFetchAgain = 20ms;
// Brought into memory at once: where memory has room, and where other streams have it all.
constexpr std::size_t kFetchBytes = std::size_t{64} << 10;
constexpr std::size_t kFetchBytesLeast = std::size_t{8} << 10;

}  // namespace

/// Whether nothing can be filled before the store has done something.
bool Intake::wait_for_store(std::size_t stream, bool numbered, Filled& filled, TimePoint now) {
  if (!options_.on_store_work) {
    if (fetch(stream, now)) return false;
    filled.next = now + kFetchAgain;
    return true;
  }
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[stream];
  const bool fetches = slot.queue.missing() != queue::SpooledQueue::Lane::kNone;
  const bool numbers = numbered && (!slot.numberings.empty() || slot.numbering > 0);
  if (!fetches && !numbers) return false;
  if (fetches && now < slot.fetch_at) {
    filled.next = slot.fetch_at;
    return true;
  }
  filled.waits = true;
  want_store(stream);
  return true;
}

/// The next line goes under its number only when that is in the store. kAgain: `lock` was given up
/// meanwhile.
Intake::Numbered Intake::number_next(std::size_t stream, std::unique_lock<std::mutex>& lock,
                                     Filled& filled) {
  Slot& slot = slots_[stream];
  if (const auto numbering = slot.queue.note()) slot.numberings.push_back(*numbering);
  if (slot.numberings.empty() && slot.numbering == 0) return Numbered::kYes;
  if (options_.on_store_work) {
    filled.waits = true;
    want_store(stream);
    return Numbered::kWaits;
  }
  lock.unlock();
  write_numberings(stream);
  lock.lock();
  return Numbered::kAgain;
}

void Intake::want_store(std::size_t stream) {
  if (std::exchange(slots_[stream].wants_store, true)) return;
  store_work_.push_back(stream);
  options_.on_store_work();
}

void Intake::write_numberings(std::size_t stream) {
  // They come to the store in the order in which they were made.
  const std::lock_guard numbering_lock(numbering_mutex_);
  std::unique_lock lock(mutex_);
  Slot& slot = slots_[stream];
  const auto numberings = std::exchange(slot.numberings, {});
  if (numberings.empty()) return;
  ++slot.numbering;
  lock.unlock();
  for (const queue::Numbering& numbering : numberings) options_.store->number(stream, numbering);
  lock.lock();
  --slot.numbering;
}

bool Intake::do_store_work(TimePoint now) {
  std::vector<std::size_t> streams;
  {
    const std::lock_guard lock(mutex_);
    streams.swap(store_work_);
    for (const std::size_t stream : streams) slots_[stream].wants_store = false;
  }
  for (const std::size_t stream : streams) {
    write_numberings(stream);
    const bool fetched = fetch(stream, now);
    const std::lock_guard lock(mutex_);
    if (!fetched) slots_[stream].fetch_at = now + kFetchAgain;
    mark_dirty(stream);
  }
  return !streams.empty();
}

// What the spool has next comes into memory, if memory has no more of the lane whose turn it is.
// False: it must have more, and did not give it.
bool Intake::fetch(std::size_t stream, TimePoint now) {
  queue::SpooledQueue& queue = slots_[stream].queue;
  std::unique_lock lock(mutex_);
  const auto lane = queue.missing();
  if (lane == queue::SpooledQueue::Lane::kNone) return true;
  if (giving_up_) return false;
  const auto waiting = queue.spooled_of(lane);
  const std::uint64_t times = given_up_times_;
  const std::size_t most = budget_.has_room_for(kFetchBytes) ? kFetchBytes : kFetchBytesLeast;
  lock.unlock();

  fetched_.clear();
  fetched_lines_.clear();
  bool more = false;
  const auto read = options_.store->read(stream, waiting.from, [&](const queue::StoredLine& line) {
    if (line.id >= waiting.to) return false;  // of another lane, or not yet in the accounts
    more = fetched_.size() + line.bytes.size() > most && !fetched_lines_.empty();
    if (more) return false;
    fetched_lines_.emplace_back(line.id, line.bytes.size());
    fetched_ += line.bytes;
    return true;
  });
  lock.lock();
  if (!read || giving_up_ || times != given_up_times_) return false;
  // The stream loop may have dropped, released or reordered what waits.
  if (queue.missing() != lane || queue.spooled_of(lane).from != waiting.from) return true;
  std::string_view bytes = fetched_;
  for (const auto& [id, size] : fetched_lines_) {
    queue.fetched(lane, {id, bytes.substr(0, size), {}}, now);
    bytes.remove_prefix(size);
  }
  if (!more && fetched_lines_.size() < waiting.lines) {
    const std::size_t missing = waiting.lines - fetched_lines_.size();
    count(slots_[stream], Discarded::kSpoolFailed, queue.miss(lane, missing));
  }
  return true;
}

}  // namespace plotbridge::app
