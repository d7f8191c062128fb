// The browsers that watch plots of one server: how many there may be, and their ticks, ten times a
// second while there are any. Not responsible for: what they are sent (sse_session). Loop thread,
// but `size` any.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/http/asio.h"
#include "plugin/http/connection_server.h"
#include "plugin/http/request_head.h"
#include "plugin/http/sse_session.h"
#include "plugin/http/tcp_connection.h"

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace plotbridge::http {

class WatcherTable : public std::enable_shared_from_this<WatcherTable> {
 public:
  /// `server` is asked for connections until `close`. At most `capacity` watch.
  WatcherTable(asio::io_context& io, const ConnectionServer& server, std::size_t capacity);

  /// Attaches a session. When the table is full the oldest one goes that proved nothing; false:
  /// there is none.
  bool watch(TcpConnection& connection, endpoint::Endpoint& endpoint, endpoint::Plot& plot,
             const RequestHead& head);
  void remove(ConnectionId id);
  /// The server goes.
  void close();

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  bool make_room();
  void wait_for_tick();
  void tick(TimePoint now);

  asio::steady_timer timer_;
  const ConnectionServer* server_;
  std::size_t capacity_;
  std::string era_;  // tells the event ids of this process from those of earlier ones
  std::map<ConnectionId, SseSession*> sessions_;  // the oldest first
  std::atomic<std::size_t> size_{0};
};

}  // namespace plotbridge::http
