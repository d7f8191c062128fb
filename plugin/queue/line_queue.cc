#include "plugin/queue/line_queue.h"

#include <algorithm>
#include <cassert>
#include <string>

namespace plotbridge::queue {

LineQueue::LineQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget)
    : capacity_(capacity),
      when_full_(when_full),
      in_flight_(budget),
      again_(budget),
      live_(budget),
      history_(budget) {}

Pushed LineQueue::push(const QueuedLine& line) {
  Pushed result;
  while (!push_if_room(line)) {
    LineBuffer& oldest = history_.empty() ? live_ : history_;
    if (when_full_ == WhenFull::kDropNewest || oldest.empty()) return result;
    result.gone.add(pop(oldest, 1, true));
    ++result.dropped;
  }
  result.taken = true;
  return result;
}

bool LineQueue::push_if_room(const QueuedLine& line) {
  return live_.lines() + history_.lines() < capacity_ && live_.push(line);
}

bool LineQueue::replace_newest(const QueuedLine& line) {
  if (live_.empty()) return false;
  live_.pop_back();
  live_.push_always(line);  // one line for another
  return true;
}

bool LineQueue::drop_before_newest() {
  if (live() < 2) return false;
  QueuedLine newest = live_.back();
  const std::string bytes(newest.bytes);
  live_.pop_back();
  newest.bytes = bytes;
  newest.id = live_.back().id;
  live_.pop_back();
  live_.push_always(newest);
  return true;
}

void LineQueue::renumber(std::uint64_t front) {
  assert(in_flight() == 0);
  mixed_before_ = front_number_ < mixed_before_ ? front + again() : 0;
  front_number_ = front;
}

void LineQueue::begin_history() {
  live_.push_before(history_);
  history_.push_before(live_);
}

void LineQueue::push_again(const QueuedLine& line) {
  again_.push_always(line);
  mixed_before_ = std::max(mixed_before_, front_number_ + again());
}

void LineQueue::advance() {
  LineBuffer& next = this->*next_lane();
  in_flight_.push_always(next.front());
  next.pop_front();
  ++front_number_;
  if (&next == &history_) mixed_before_ = front_number_;
}

IdRanges LineQueue::release(std::size_t lines, bool exact) {
  assert(lines <= in_flight());
  return pop(in_flight_, lines, exact);
}

std::size_t LineQueue::rewind() {
  const std::size_t lines = in_flight();
  front_number_ -= lines;
  again_.push_before(in_flight_);
  return lines;
}

std::size_t LineQueue::drop_ids(std::uint64_t from, std::uint64_t to) {
  std::size_t dropped = 0;
  for (LineBuffer* lane : {&history_, &live_}) {
    while (!lane->empty() && lane->front().id >= from && lane->front().id < to) {
      lane->pop_front();
      ++dropped;
    }
  }
  return dropped;
}

IdRanges LineQueue::pop(LineBuffer& buffer, std::size_t lines, bool exact) {
  IdRanges ids;
  for (std::size_t i = 0; i < lines; ++i) {
    const QueuedLine line = buffer.front();
    if (line.stored) exact ? ids.add(line.id) : ids.stretch_to(line.id);
    buffer.pop_front();
  }
  return ids;
}

}  // namespace plotbridge::queue
