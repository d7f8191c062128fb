#include "plugin/endpoint/position_book.h"

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
  if (is_new) position = add(stream, producer);
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

void PositionBook::restore(const SavedPosition& saved) {
  const auto stream = streams_->find(saved.key.token);
  if (!stream) {
    gone_.push_back(saved.key);
    journal_->note_positions();
    return;
  }
  const auto position = add(*stream, saved.key.producer);
  position->epoch = saved.epoch;
  position->next = position->kept = saved.next;
}

void PositionBook::mark(Position& position) {
  if (position.dirty || !journal_->on()) return;
  position.dirty = true;
  dirty_.push_back({position.stream, position.id, 0});
  journal_->note_positions();
}

void PositionBook::touch(Order::iterator position) {
  position->used = ++uses_;
  order_.splice(order_.begin(), order_, position);
}

PositionBook::Order::iterator PositionBook::add(StreamId stream, std::string_view producer) {
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
  if (journal_->on()) {
    gone_.push_back({(*streams_)[position->stream].token.reveal(), position->producer});
    journal_->note_positions();
  }
  order_.erase(position);
}

void PositionBook::take(StateChanges& changes) {
  for (const Taken& one : dirty_) {
    const auto position = locate(one.stream, one.id);
    if (position == order_.end()) continue;
    position->dirty = false;
    changes.positions.push_back({{(*streams_)[one.stream].token.reveal(), position->producer},
                                 position->epoch,
                                 position->next});
    taken_.push_back({one.stream, one.id, position->next});
  }
  dirty_.clear();
  changes.gone_positions = gone_;
  std::ranges::move(gone_, std::back_inserter(taken_gone_));
  gone_.clear();
}

void PositionBook::taken_are_kept() {
  for (const Taken& one : taken_) {
    const auto position = locate(one.stream, one.id);
    if (position != order_.end()) position->kept = one.next;
  }
  taken_.clear();
  taken_gone_.clear();
}

void PositionBook::taken_have_failed() {
  for (const Taken& one : std::exchange(taken_, {})) {
    const auto position = locate(one.stream, one.id);
    if (position != order_.end()) mark(*position);
  }
  std::ranges::move(taken_gone_, std::back_inserter(gone_));
  taken_gone_.clear();
  if (!gone_.empty()) journal_->note_positions();
}

}  // namespace plotbridge::endpoint
