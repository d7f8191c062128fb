#include "plugin/http/connection_server.h"

#include "plugin/base/log.h"

#include <utility>

namespace plotbridge::http {
namespace {

TimePoint clock_now() { return std::chrono::steady_clock::now(); }

}  // namespace

ConnectionServer::ConnectionServer(asio::io_context& io, Limits limits, Client& client)
    : io_(io), limits_(limits), client_(&client), sweep_(io) {}

Result<std::uint16_t> ConnectionServer::listen(const std::string& host, std::uint16_t port) {
  auto listener = std::make_shared<TcpListener>(
      io_, [self = shared_from_this()](Tcp::socket socket) { self->accept(std::move(socket)); });
  const auto bound = listener->listen(host, port);
  if (!bound) return tl::make_unexpected(bound.error());
  asio::post(
      io_, [self = shared_from_this(), listener, host, loopback = bound->address().is_loopback()] {
        if (self->client_ == nullptr) return listener->close();
        self->listener_ = listener;
        self->host_guard_ = HostGuard(host, loopback);
        self->wait_for_sweep();
      });
  return bound->port();
}

void ConnectionServer::close() {
  client_ = nullptr;
  error_code ignored;
  sweep_.cancel(ignored);
  if (listener_) listener_->close();
  for (const auto& connection : all()) connection->close();
}

void ConnectionServer::accept(Tcp::socket socket) {
  if (client_ == nullptr) return;
  if (connections_.size() >= limits_.connections) {
    client_->on_refused();
    if (const auto held_back = complaints_.admit("full", clock_now())) {
      log::warning("connection refused: too many are open",
                   {{"limit", limits_.connections}, {"held_back", *held_back}});
    }
    return;
  }
  const ConnectionId id = ++last_id_;
  auto connection = std::make_shared<TcpConnection>(id, std::move(socket), *this);
  connections_.emplace(id, connection);
  connection->start(clock_now());
}

void ConnectionServer::wait_for_sweep() {
  sweep_.expires_after(limits_.sweep_period);
  sweep_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->client_ == nullptr) return;
    const TimePoint now = clock_now();
    for (const auto& connection : self->all()) connection->sweep(now);
    self->client_->on_sweep(now);
    self->wait_for_sweep();
  });
}

std::vector<std::shared_ptr<TcpConnection>> ConnectionServer::all() const {
  std::vector<std::shared_ptr<TcpConnection>> all;
  all.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) all.push_back(connection);
  return all;
}

void ConnectionServer::on_head(TcpConnection& connection, const RequestHead& head, TimePoint now) {
  client_->on_request(connection, head, now);
}

void ConnectionServer::on_bad_head(TcpConnection& connection, int status, TimePoint now) {
  client_->on_refused();
  if (const auto held_back = complaints_.admit("head", now)) {
    log::warning("request refused: no head that can be read",
                 {{"status", status}, {"from", connection.peer()}, {"held_back", *held_back}});
  }
}

void ConnectionServer::on_closed(ConnectionId id) {
  connections_.erase(id);
  if (client_ != nullptr) client_->on_disconnect(id);
}

}  // namespace plotbridge::http
