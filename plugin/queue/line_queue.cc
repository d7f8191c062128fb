#include "plugin/queue/line_queue.h"

#include <cassert>
#include <string>

namespace plotbridge::queue {

LineQueue::LineQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget)
    : capacity_(capacity), when_full_(when_full), in_flight_(budget), unsent_(budget) {}

Pushed LineQueue::push(const QueuedLine& line) {
  Pushed result;
  while (!push_if_room(line)) {
    if (when_full_ == WhenFull::kDropNewest || unsent_.empty()) return result;
    drop(1);
    ++result.dropped;
  }
  result.taken = true;
  return result;
}

bool LineQueue::push_if_room(const QueuedLine& line) {
  if (unsent() >= capacity_ || !unsent_.push(line)) return false;
  ++end_number_;
  return true;
}

bool LineQueue::replace_newest(const QueuedLine& line) {
  if (unsent_.empty()) return false;
  unsent_.pop_back();
  unsent_.push_always(line);  // one line for another
  return true;
}

bool LineQueue::drop_before_newest() {
  if (unsent() < 2) return false;
  QueuedLine newest = unsent_.back();
  const std::string bytes(newest.bytes);
  unsent_.pop_back();
  newest.bytes = bytes;
  newest.id = unsent_.back().id;
  unsent_.pop_back();
  unsent_.push_always(newest);
  --end_number_;
  return true;
}

StoredIds LineQueue::drop(std::size_t lines) {
  assert(lines <= unsent());
  end_number_ -= lines;
  return pop(unsent_, lines);
}

void LineQueue::advance() {
  in_flight_.push_always(unsent_.front());
  unsent_.pop_front();
}

StoredIds LineQueue::release(std::size_t lines) {
  assert(lines <= in_flight());
  return pop(in_flight_, lines);
}

std::size_t LineQueue::rewind() {
  const std::size_t lines = in_flight();
  unsent_.push_before(in_flight_);
  return lines;
}

StoredIds LineQueue::pop(LineBuffer& buffer, std::size_t lines) {
  StoredIds ids;
  for (std::size_t i = 0; i < lines; ++i) {
    const QueuedLine line = buffer.front();
    if (line.stored) {
      if (ids.lines++ == 0) ids.from = line.id;
      ids.to = line.id + 1;
    }
    buffer.pop_front();
  }
  return ids;
}

}  // namespace plotbridge::queue
