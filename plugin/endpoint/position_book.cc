#include "plugin/endpoint/position_book.h"

#include "plugin/base/log.h"
#include "plugin/base/range_text.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plotbridge::endpoint {

PositionBook::Order::iterator PositionBook::locate(StreamId stream, std::string_view producer) {
  if (stream >= by_stream_.size()) return order_.end();
  const auto& all = by_stream_[stream];
  const auto found =
      std::ranges::find_if(all, [producer](auto known) { return known->producer == producer; });
  return found == all.end() ? order_.end() : *found;
}

PositionBook::Order::iterator PositionBook::locate(StreamId stream, ProducerId id) {
  const auto& all = by_stream_[stream];
  const auto found = std::ranges::find_if(all, [id](auto known) { return known->id == id; });
  return found == all.end() ? order_.end() : *found;
}

const Position* PositionBook::find(StreamId stream, std::string_view producer) const {
  if (stream >= by_stream_.size()) return nullptr;
  for (const auto& known : by_stream_[stream]) {
    if (known->producer == producer) return &*known;
  }
  return nullptr;
}

Position& PositionBook::use(StreamId stream, std::string_view producer, std::uint32_t epoch,
                            TimePoint now) {
  auto position = locate(stream, producer);
  const bool is_new = position == order_.end();
  if (is_new) position = make(stream, producer);
  ++position->users;
  touch(position);
  if (is_new || position->epoch != epoch) mark(*position);
  position->epoch = epoch;
  hear(*position, now);
  return *position;
}

void PositionBook::hear(Position& position, TimePoint now) {
  // An hour is near enough for what is dropped after a month, and costs next to nothing.
  if (position.heard != TimePoint{} && now - position.heard < kHearPeriod) return;
  position.heard = now;
  touch(locate(position.stream, position.id));
  mark(position);
}

bool PositionBook::has_room(const Position& position, OffsetRange range) const {
  if (range.to > kOffsetsEnd) return false;
  const RangeSet& applied = position.applied;
  if (applied.empty() || applied.touches(range)) return true;
  return applied.ranges().size() < kMostRanges && further_ < kMostFurtherRanges;
}

void PositionBook::restore(const SavedPosition& saved) {
  const auto stream = streams_->find(saved.key.token);
  const auto ranges = read_ranges(saved.have, kMostRanges);
  const bool fits = ranges && ranges->size() + further_ <= kMostFurtherRanges + 1;
  if (stream && fits) {
    Position& position = *make(*stream, saved.key.producer);
    position.epoch = saved.epoch;
    for (const OffsetRange& range : *ranges) position.applied.add(range);
    position.kept = position.applied;
    further_ += further_of(position);
    return;
  }
  if (stream) {
    log::warning(
        "a producer's saved position is damaged and left out: what it sends again may "
        "come twice",
        {{"stream", (*streams_)[*stream].name}, {"producer", saved.key.producer}});
  }
  gone_.push_back(saved.key);
  journal_->note_positions();
}

void PositionBook::mark(Position& position) {
  if (position.dirty || !journal_->on()) return;
  position.dirty = true;
  dirty_.push_back({position.stream, position.id});
  journal_->note_positions();
}

void PositionBook::touch(Order::iterator position) {
  position->used = ++uses_;
  order_.splice(order_.begin(), order_, position);
}

PositionBook::Order::iterator PositionBook::make(StreamId stream, std::string_view producer) {
  if (stream >= by_stream_.size()) by_stream_.resize(stream + std::size_t{1});
  make_room(stream);
  Position& made = order_.emplace_front();
  made.stream = stream;
  made.producer = producer;
  made.id = ++last_id_;
  made.used = ++uses_;
  by_stream_[stream].push_back(order_.begin());
  return order_.begin();
}

void PositionBook::forget(StreamId stream) {
  if (stream >= by_stream_.size()) return;
  while (!by_stream_[stream].empty()) drop(by_stream_[stream].back());
}

void PositionBook::make_room(StreamId stream) {
  const auto& all = by_stream_[stream];
  if (all.size() >= kMostOfStream) {
    const auto rank = [](auto position) { return std::pair(position->users > 0, position->used); };
    const auto oldest = *std::ranges::min_element(all, {}, rank);
    if (oldest->users == 0) drop(oldest);
  }
  // Those in use are put in front, so that the next search does not meet them again.
  for (std::size_t left = order_.size(); order_.size() >= capacity_ && left > 0; --left) {
    const auto last = std::prev(order_.end());
    if (last->users == 0) return drop(last);
    touch(last);
  }
}

void PositionBook::drop(Order::iterator position) {
  std::erase(by_stream_[position->stream], position);
  further_ -= further_of(*position);
  if (journal_->on()) {
    gone_.push_back({(*streams_)[position->stream].token.reveal(), position->producer});
    journal_->note_positions();
  }
  order_.erase(position);
}

void PositionBook::take(StateChanges& changes) {
  for (const Dirty& one : dirty_) {
    const auto position = locate(one.stream, one.id);
    if (position == order_.end()) continue;
    position->dirty = false;
    changes.positions.push_back({{(*streams_)[one.stream].token.reveal(), position->producer},
                                 position->epoch,
                                 to_text(position->applied.ranges())});
    taken_.push_back({one, position->applied});
  }
  dirty_.clear();
  changes.gone_positions = gone_;
  std::ranges::move(gone_, std::back_inserter(taken_gone_));
  gone_.clear();
}

void PositionBook::taken_are_kept() {
  for (auto& [of, applied] : taken_) {
    const auto position = locate(of.stream, of.id);
    if (position != order_.end()) position->kept = std::move(applied);
  }
  taken_.clear();
  taken_gone_.clear();
}

void PositionBook::taken_have_failed() {
  for (const auto& [of, applied] : std::exchange(taken_, {})) {
    const auto position = locate(of.stream, of.id);
    if (position != order_.end()) mark(*position);
  }
  std::ranges::move(taken_gone_, std::back_inserter(gone_));
  taken_gone_.clear();
  if (!gone_.empty()) journal_->note_positions();
}

}  // namespace plotbridge::endpoint
