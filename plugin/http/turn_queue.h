// Connections whose turns hold the server's loop: those who proved nothing and are to get something
// large, and guests who send. One after the other, a part each, with all others in between, who
// have their part of the loop. Who waits costs nothing meanwhile. Not responsible for: what a turn
// is for (its `turn`), how many connections there may be (connection_budget). Loop thread, but
// `waiting` and `turns` any.
#pragma once

#include "plugin/http/asio.h"
#include "plugin/http/connection_budget.h"
#include "plugin/http/room_wait.h"
#include "plugin/http/turn_pace.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

namespace plotbridge::http {

class TurnQueue : public std::enable_shared_from_this<TurnQueue> {
 public:
  /// It is this connection's turn. Must not throw.
  using Turn = std::function<void(ConnectionId id)>;

  /// Whether what a turn makes has room, so that nobody else has to go for it.
  using HasRoom = std::function<bool()>;

  /// Both are called until `close`.
  TurnQueue(asio::io_context& io, TurnPace pace, Turn turn, HasRoom has_room)
      : timer_(io), turn_(std::move(turn)), has_room_(std::move(has_room)), pace_(pace) {}

  /// To the end of it, for one turn.
  void join(ConnectionId id);
  void leave(ConnectionId id);
  void close();

  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  /// That were taken.
  std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

 private:
  void wait();
  bool may_take_turn(TimePoint now);
  void take_turn();

  asio::steady_timer timer_;
  Turn turn_;
  HasRoom has_room_;
  TurnPace pace_;
  std::deque<ConnectionId> queue_;
  RoomWait room_wait_;
  TimePoint next_look_{};  // for room
  bool is_waited_for_ = false;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> turns_{0};
};

}  // namespace plotbridge::http
