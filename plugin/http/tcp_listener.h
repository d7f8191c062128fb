// Accepts connections at one address. Leaves to others: what they are for. Loop thread, but for
// `bind`.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/base/result.h"
#include "plugin/http/asio.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace plotbridge::http {

class TcpListener : public std::enable_shared_from_this<TcpListener> {
 public:
  using OnAccept = std::function<void(Tcp::socket)>;
  explicit TcpListener(asio::io_context& io) : io_(io), acceptor_(io), retry_(io) {}

  /// Once. From here on clients can connect; port 0 takes a free one. The address it is bound to,
  /// or kUnavailable with the reason.
  Result<Tcp::endpoint> bind(const std::string& host, std::uint16_t port);
  /// Once. Hands over one connection after the other until `close`. `on_starved`: the process has
  /// no descriptor left for the next.
  void accept(OnAccept on_accept, std::function<void()> on_starved);
  void close();

 private:
  void hand_over(Tcp::socket socket);
  void accept_next();
  void accept_waiting();

  asio::io_context& io_;
  Tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  OnAccept on_accept_;
  std::function<void()> on_starved_;
  bool closed_ = false;
  RateLimit complaints_{std::chrono::seconds(10)};
};

}  // namespace plotbridge::http
