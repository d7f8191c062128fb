#include "plugin/queue/spooled_queue.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace plotbridge::queue {
namespace {

// With lanes, a run ends after so many lines at most. After a sudden end those of the last run that
// were not handed out yet go before everything else, so these are few.
constexpr std::uint64_t kRunLines = 64;

// The number of a line, where lines went in order; nothing: it never was handed out, or after the
// last run. It grows with the id: between two runs that of the next line is given.
std::optional<std::uint64_t> number_of(std::uint64_t id, const std::vector<Numbering>& runs) {
  std::optional<std::uint64_t> number;
  for (const Numbering& run : runs) {
    if (run.id > id) break;
    const bool is_behind_all = &run == &runs.back() && id - run.id >= run.lines;
    number = run.number + std::min(id - run.id, run.lines);
    if (is_behind_all) number.reset();
  }
  return number;
}

// How many of at most `most` lines the store has given up.
std::size_t take_away(SpooledQueue::Spooled& from, const Lost& lost, std::size_t most) {
  const std::uint64_t first = std::max(lost.first_id, from.from);
  const std::uint64_t end = std::min(lost.end_id, from.to);
  if (first >= end) return 0;
  const std::size_t gone = std::min({most, from.lines, static_cast<std::size_t>(end - first)});
  from.lines -= gone;
  if (first == from.from) from.from = end;
  return gone;
}

}  // namespace

void SpooledQueue::start(Recovered recovered) {
  next_id_ = recovered_end_ = recovered.next_id;
  if (recovered.lines == 0) {
    spool_front_ = stored_end_ = released_to_ = next_id_;
    return;
  }
  spooled_ = recovered.lines;
  spool_front_ = released_to_ = recovered.front_id;
  stored_end_ = recovered.next_id;
  numbers_ = NumberRuns(std::move(recovered.numberings));
  // Lines that come from now on are of none of these runs.
  numbers_.add({next_id_, kNoNumber});
  place_known_ = numbers_.empty();
}

std::size_t SpooledQueue::spooled() const {
  std::size_t lines = spooled_;
  for (const Spooled& part : history_) lines += part.lines;
  return lines;
}

void SpooledQueue::append_stored(std::string_view bytes, TimePoint received) {
  const bool here = spooled_ == 0 && memory_.push_if_room({bytes, received, next_id_, true});
  if (!here && spooled_++ == 0) spool_front_ = next_id_;
  stored_end_ = ++next_id_;
}

bool SpooledQueue::append_in_memory(std::string_view bytes, TimePoint received) {
  if (spooled_ > 0 || !memory_.push_if_room({bytes, received, next_id_, false})) return false;
  ++next_id_;
  return true;
}

Pushed SpooledQueue::push(std::string_view bytes, TimePoint received) {
  Pushed pushed = memory_.push({bytes, received, next_id_, false});
  if (pushed.taken) ++next_id_;
  return pushed;
}

std::optional<QueuedLine> SpooledQueue::newest() const {
  if (spooled_ > 0 || memory_.live() == 0) return std::nullopt;
  return memory_.newest();
}

void SpooledQueue::replace_newest_stored(std::string_view bytes, TimePoint received) {
  stored_end_ = next_id_;
  if (spooled_ == 0) memory_.replace_newest({bytes, received, next_id_ - 1, true});
}

bool SpooledQueue::drop_before_newest(bool stored) {
  if (spooled_ > 0 || !memory_.drop_before_newest()) return false;
  --next_id_;
  if (stored) {
    const QueuedLine newest = memory_.newest();
    memory_.replace_newest({std::string(newest.bytes), newest.received, newest.id, true});
    stored_end_ = next_id_;
  }
  return true;
}

SpooledQueue::Lane SpooledQueue::missing() const {
  if (memory_.again() > 0 || memory_.live() > 0) return Lane::kNone;
  if (spooled_ > 0) return Lane::kLive;
  return memory_.history() == 0 && !history_.empty() ? Lane::kHistory : Lane::kNone;
}

SpooledQueue::Spooled SpooledQueue::spooled_of(Lane lane) const {
  if (lane == Lane::kHistory) return history_.front();
  return {spool_front_, next_id_, spooled_};
}

void SpooledQueue::fetched(Lane lane, const StoredLine& line, TimePoint received) {
  const QueuedLine fetched{line.bytes, received, line.id, true};
  if (lane == Lane::kLive) {
    assert(spooled_ > 0);
    memory_.push_always(fetched);
    --spooled_;
    spool_front_ = line.id + 1;
    return;
  }
  assert(!history_.empty());
  memory_.push_history(fetched);
  history_.front().from = line.id + 1;
  if (--history_.front().lines == 0) history_.erase(history_.begin());
}

std::size_t SpooledQueue::miss(Lane lane, std::size_t lines) {
  if (lane == Lane::kHistory && history_.empty()) return 0;
  std::size_t& spooled = lane == Lane::kLive ? spooled_ : history_.front().lines;
  const std::size_t missing = std::min(lines, spooled);
  spooled -= missing;
  std::erase_if(history_, [](const Spooled& part) { return part.lines == 0; });
  return missing;
}

std::size_t SpooledQueue::lost(const Lost& lines) {
  given_up_to_ = std::max(given_up_to_, lines.end_id);
  // Also such that are just being stored and not marked yet: what has an id among these was there.
  std::size_t gone = memory_.drop_ids(lines.first_id, lines.end_id);
  if (gone > 0) {
    // What was handed out keeps its number; those behind it move up.
    run_.reset();
    noted_before_ = std::min(noted_before_, memory_.front_number() + memory_.again());
  }
  for (Spooled& part : history_) gone += take_away(part, lines, lines.lines - gone);
  std::erase_if(history_, [](const Spooled& part) { return part.lines == 0; });
  if (spooled_ == 0 || lines.end_id <= spool_front_) return gone;
  const std::uint64_t beyond = lines.end_id - std::max(lines.first_id, spool_front_);
  const std::size_t live =
      std::min({lines.lines - gone, spooled_, static_cast<std::size_t>(beyond)});
  spooled_ -= live;
  spool_front_ = lines.end_id;
  return gone + live;
}

std::size_t SpooledQueue::outlived() const {
  std::size_t lines = 0;
  memory_.each_handed_out(
      [&](const QueuedLine& line) { lines += line.stored && line.id < given_up_to_ ? 1 : 0; });
  return lines;
}

IdRanges SpooledQueue::release_to(std::uint64_t id) {
  IdRanges ids;
  const std::uint64_t end = std::min(id, stored_end_);
  ids.add(released_to_, end);
  released_to_ = std::max(released_to_, end);
  return ids;
}

IdRanges SpooledQueue::released(IdRanges ids, bool exact) {
  if (ids.empty() || exact) return ids;
  return release_to(ids.end());
}

IdRanges SpooledQueue::release(std::size_t lines) {
  const bool exact = is_mixed();
  const IdRanges ids = memory_.release(lines, exact);
  forget_old_numbers();
  return released(ids, exact);
}

IdRanges SpooledQueue::drop_front() {
  const bool exact = is_mixed();
  IdRanges ids = released(memory_.drop_front(exact), exact);
  forget_notes();  // those behind it move up
  return ids;
}

IdRanges SpooledQueue::drop_backlog(std::size_t& dropped) {
  // What was handed out keeps its number, and so has to go again.
  if (memory_.keeps_lanes() || memory_.again() > 0) return drop_backlog_of_lanes(dropped);
  dropped = unsent() > 0 ? unsent() - 1 : 0;
  if (dropped == 0) return {};
  if (spooled_ == 0) return released(memory_.drop_live(dropped), false);
  memory_.drop_live(memory_.live());
  spooled_ = 1;
  spool_front_ = next_id_ - 1;
  return release_to(spool_front_);
}

bool SpooledQueue::has_arrived(std::uint64_t id, std::uint64_t number) const {
  const auto known = number_of(id, numbers_.runs());
  return known && *known < number;
}

void SpooledQueue::forget_old_numbers() {
  if (!place_known_ || memory_.keeps_lanes()) return;
  const std::uint64_t oldest = memory_.flight_number();
  numbers_.forget_unless(
      [oldest](const Numbering& run) { return run.number + run.lines > oldest; });
}

SpooledQueue::Arrived SpooledQueue::arrived(std::uint64_t number) const {
  // Memory has the oldest ones, and its newest is among them if one of the store is.
  if (spooled_ == 0 || numbers_.empty()) return {};
  if (memory_.has_unsent() && !has_arrived(memory_.last().id, number)) return {};
  // Numbers grow with ids, so the first that has not arrived can be looked for by halves.
  std::uint64_t low = spool_front_, high = stored_end_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (has_arrived(middle, number)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {spool_front_, low};
}

IdRanges SpooledQueue::go_on_at(std::uint64_t number, std::size_t lines) {
  const Arrived in_store = arrived(number);
  std::uint64_t upto = released_to_;
  while (memory_.has_unsent() && memory_.front().stored &&
         has_arrived(memory_.front().id, number)) {
    upto = memory_.front().id + 1;
    memory_.drop_front();
  }
  if (in_store.ids() > 0) {
    spooled_ -= std::min(spooled_, lines);
    spool_front_ = in_store.to;
    upto = std::max(upto, in_store.to);
  }
  place_known_ = true;
  if (number != memory_.front_number()) {
    memory_.renumber(number);
    forget_notes();
  }
  return release_to(upto);
}

void SpooledQueue::stored_before(std::uint64_t id) {
  storing_before_ = 0;
  memory_.mark_stored_before(id);
  stored_end_ = std::max(stored_end_, id);
}

std::vector<Numbering> SpooledQueue::number_flight() {
  storing_before_ = next_id_;
  std::vector<Numbering> runs;
  bool stored = true;  // so far, and its number is known
  std::uint64_t number = memory_.flight_number();
  memory_.each_handed_out([&](const QueuedLine& line) {
    const bool is_known = line.stored && (!memory_.keeps_lanes() || number < noted_before_);
    stored = stored && (is_known || line.id == QueuedLine::kNoId);
    if (!stored && line.id != QueuedLine::kNoId) {
      // From the first of them on, since each numbering takes the place of all with greater
      // numbers.
      const bool runs_on = !runs.empty() && runs.back().id + runs.back().lines == line.id &&
                           runs.back().number + runs.back().lines == number;
      if (!runs_on) runs.push_back({line.id, number, 0});
      ++runs.back().lines;
    }
    ++number;
  });
  if (runs.empty()) return runs;
  if (memory_.keeps_lanes()) {
    run_.reset();
    noted_before_ = said_before_ = std::max(noted_before_, number);
    return runs;
  }
  for (Numbering& run : runs) {
    run.lines = Numbering::kOpen;
    numbers_.add(run);
  }
  return runs;
}

std::optional<Numbering> SpooledQueue::note() {
  if (!memory_.has_unsent()) return std::nullopt;
  const QueuedLine line = memory_.front();
  const std::uint64_t number = memory_.front_number();
  const bool stored = line.stored || line.id < storing_before_;
  if (memory_.keeps_lanes()) return note_in_lanes(line.id, number, stored);
  if (!stored || number_of(line.id, numbers_.runs()) == number) return std::nullopt;
  numbers_.add({line.id, number});
  if (!numbers_.ascend()) {
    // The endpoint counts on from elsewhere: what went before tells nothing any more.
    numbers_.clear();
    numbers_.add({line.id, number});
  }
  return Numbering{line.id, number};
}

std::optional<Numbering> SpooledQueue::note_in_lanes(std::uint64_t id, std::uint64_t number,
                                                     bool stored) {
  if (number < noted_before_) return std::nullopt;  // it is sent again
  // One that only memory has would seem to be of the run before it, or among lines of two lanes.
  if (!stored && !is_mixed() && number >= said_before_) return std::nullopt;
  noted_before_ = number + 1;
  const bool runs_on =
      run_ && number - run_->number == id - run_->id && number - run_->number < run_->lines;
  if (runs_on) return std::nullopt;
  run_ = Numbering{id, number, kRunLines};
  said_before_ = number + kRunLines;
  return run_;
}

void SpooledQueue::forget_notes() {
  run_.reset();
  noted_before_ = std::min(noted_before_, memory_.front_number());
}

}  // namespace plotbridge::queue
