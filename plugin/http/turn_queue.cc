#include "plugin/http/turn_queue.h"

#include "plugin/base/clock.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace plotbridge::http {
namespace {

constexpr Duration kLookForRoom = std::chrono::milliseconds(10);

// Of the processor. What others take of it meanwhile on a busy machine is not the turn's.
Duration used_by_this_thread() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

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
  waiting_.store(0, std::memory_order_relaxed);
  error_code ignored;
  timer_.cancel(ignored);
}

void TurnQueue::wait() {
  if (is_waited_for_ || queue_.empty()) return;
  is_waited_for_ = true;
  timer_.expires_at(std::max({pace_.next(), next_look_, steady_now()}));
  // It may be due already when the server is destroyed.
  timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    self->is_waited_for_ = false;
    if (!self->queue_.empty() && self->may_take_turn(steady_now())) self->take_turn();
    self->wait();
  });
}

bool TurnQueue::may_take_turn(TimePoint now) {
  if (room_wait_.is_over(has_room_(), now)) return true;
  next_look_ = now + kLookForRoom;
  return false;
}

void TurnQueue::take_turn() {
  const ConnectionId id = queue_.front();
  queue_.pop_front();
  waiting_.store(queue_.size(), std::memory_order_relaxed);
  turns_.fetch_add(1, std::memory_order_relaxed);
  const Duration begin = used_by_this_thread();
  turn_(id);
  pace_.took(used_by_this_thread() - begin, steady_now());
}

}  // namespace plotbridge::http
