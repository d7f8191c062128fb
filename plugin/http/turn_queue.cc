#include "plugin/http/turn_queue.h"

#include "plugin/base/clock.h"

#include <algorithm>

namespace plotbridge::http {

void TurnQueue::join(ConnectionId id) {
  queue_.push_back(id);
  waiting_.store(queue_.size(), std::memory_order_relaxed);
  wait();
}

void TurnQueue::leave(ConnectionId id) {
  std::erase(queue_, id);
  waiting_.store(queue_.size(), std::memory_order_relaxed);
}

void TurnQueue::close() {
  queue_.clear();
  error_code ignored;
  timer_.cancel(ignored);
}

void TurnQueue::wait() {
  if (is_waited_for_ || queue_.empty()) return;
  is_waited_for_ = true;
  timer_.expires_at(std::max(pace_.next(), steady_now()));
  // It may be due already when the server is destroyed.
  timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    self->is_waited_for_ = false;
    if (!self->queue_.empty()) self->take_turn();
    self->wait();
  });
}

void TurnQueue::take_turn() {
  const ConnectionId id = queue_.front();
  queue_.pop_front();
  waiting_.store(queue_.size(), std::memory_order_relaxed);
  turns_.fetch_add(1, std::memory_order_relaxed);
  const TimePoint begin = steady_now();
  turn_(id);
  pace_.took(begin, steady_now());
}

}  // namespace plotbridge::http
