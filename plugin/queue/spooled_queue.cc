#include "plugin/queue/spooled_queue.h"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace plotbridge::queue {
namespace {

// The number of a line of an earlier run; nothing: it was never handed out.
std::optional<std::uint64_t> number_of(std::uint64_t id, const std::vector<Numbering>& numberings) {
  std::optional<std::uint64_t> number;
  for (const Numbering& numbering : numberings) {
    if (numbering.id > id) break;
    number = numbering.number + (id - numbering.id);
  }
  return number;
}

}  // namespace

void SpooledQueue::start(Recovered recovered) {
  next_id_ = recovered.next_id;
  if (recovered.lines == 0) {
    spool_front_ = stored_end_ = released_to_ = next_id_;
    return;
  }
  spooled_ = recovered.lines;
  spool_front_ = released_to_ = recovered.front_id;
  stored_end_ = recovered.next_id;
  numberings_ = std::move(recovered.numberings);
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
  const Pushed pushed = memory_.push({bytes, received, next_id_, false});
  if (pushed.taken) ++next_id_;
  return pushed;
}

std::optional<QueuedLine> SpooledQueue::newest() const {
  if (spooled_ > 0 || !memory_.has_unsent()) return std::nullopt;
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

void SpooledQueue::fetched(const StoredLine& line, TimePoint received) {
  assert(spooled_ > 0);
  memory_.push_always({line.bytes, received, line.id, true});
  --spooled_;
  spool_front_ = line.id + 1;
}

std::size_t SpooledQueue::miss(std::size_t lines) {
  const std::size_t missing = std::min(lines, spooled_);
  spooled_ -= missing;
  return missing;
}

std::size_t SpooledQueue::lost(const Lost& lines) {
  if (spooled_ == 0 || lines.end_id <= spool_front_) return 0;
  const std::uint64_t beyond = lines.end_id - std::max(lines.first_id, spool_front_);
  const std::size_t gone = std::min({lines.lines, spooled_, static_cast<std::size_t>(beyond)});
  spooled_ -= gone;
  spool_front_ = lines.end_id;
  return gone;
}

SpooledQueue::Release SpooledQueue::release_to(std::uint64_t id) {
  const Release release{released_to_, std::min(id, stored_end_)};
  released_to_ = std::max(released_to_, release.to);
  return release;
}

SpooledQueue::Release SpooledQueue::released(const StoredIds& ids) {
  return ids.lines == 0 ? Release{} : release_to(ids.to);
}

SpooledQueue::Release SpooledQueue::release(std::size_t lines) {
  return released(memory_.release(lines));
}

SpooledQueue::Release SpooledQueue::drop_front() { return released(memory_.drop(1)); }

SpooledQueue::Release SpooledQueue::drop_backlog(std::size_t& dropped) {
  dropped = unsent() > 0 ? unsent() - 1 : 0;
  if (dropped == 0) return {};
  if (spooled_ == 0) return released(memory_.drop(dropped));
  memory_.drop(memory_.unsent());
  spooled_ = 1;
  spool_front_ = next_id_ - 1;
  return release_to(spool_front_);
}

bool SpooledQueue::has_arrived(std::uint64_t id, std::uint64_t number) const {
  const auto known = number_of(id, numberings_);
  return known && *known < number;
}

SpooledQueue::Arrived SpooledQueue::arrived(std::uint64_t number) const {
  // Memory has the oldest ones, and its newest is among them if one of the store is.
  if (spooled_ == 0 || numberings_.empty()) return {};
  if (memory_.has_unsent() && !has_arrived(memory_.newest().id, number)) return {};
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

SpooledQueue::Release SpooledQueue::go_on_at(std::uint64_t number, std::size_t lines) {
  const Arrived in_store = arrived(number);
  std::uint64_t upto = released_to_;
  while (memory_.has_unsent() && memory_.front().stored &&
         has_arrived(memory_.front().id, number)) {
    upto = memory_.front().id + 1;
    memory_.drop(1);
  }
  if (in_store.ids() > 0) {
    spooled_ -= std::min(spooled_, lines);
    spool_front_ = in_store.to;
    upto = std::max(upto, in_store.to);
  }
  numberings_.clear();
  offset_.reset();
  memory_.renumber(number);
  return release_to(upto);
}

std::optional<Numbering> SpooledQueue::unknown_numbering() const {
  if (!memory_.has_unsent() || !memory_.front().stored) return std::nullopt;
  const Numbering numbering{memory_.front().id, memory_.front_number()};
  if (offset_ == numbering.number - numbering.id) return std::nullopt;
  return numbering;
}

}  // namespace plotbridge::queue
