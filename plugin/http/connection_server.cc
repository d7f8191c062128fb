#include "plugin/http/connection_server.h"

#include "plugin/base/log.h"

#include <utility>

namespace plotbridge::http {
namespace {

TimePoint clock_now() { return std::chrono::steady_clock::now(); }

}  // namespace

ConnectionServer::ConnectionServer(asio::io_context& io, Limits limits, Client& client)
    : io_(io), limits_(limits), client_(&client), sweep_(io) {}

Result<std::uint16_t> ConnectionServer::listen(const std::string& host, std::uint16_t port,
                                               std::shared_ptr<TlsCertificate> certificate) {
  auto listener = std::make_shared<TcpListener>(io_);
  const auto bound = listener->bind(host, port);
  if (!bound) return tl::make_unexpected(bound.error());
  auto shared_port = std::make_shared<const ServerPort>(
      ServerPort{HostGuard(host, bound->address().is_loopback()), std::move(certificate)});
  asio::post(io_, [self = shared_from_this(), listener, shared_port] {
    if (self->client_ == nullptr) return listener->close();
    listener->accept(
        [self, shared_port](Tcp::socket socket) { self->accept(std::move(socket), shared_port); });
    if (self->listeners_.empty()) self->wait_for_sweep();
    self->listeners_.push_back(listener);
  });
  return bound->port();
}

void ConnectionServer::stop_listening() {
  for (const auto& listener : listeners_) listener->close();
}

void ConnectionServer::close() {
  client_ = nullptr;
  error_code ignored;
  sweep_.cancel(ignored);
  stop_listening();
  for (const auto& connection : all()) connection->close();
}

void ConnectionServer::accept(Tcp::socket socket, const std::shared_ptr<const ServerPort>& port) {
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
  auto connection = std::make_shared<TcpConnection>(id, std::move(socket), port, *this);
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

void ConnectionServer::on_bad_head(TcpConnection& connection, std::string_view why, TimePoint now) {
  client_->on_refused();
  if (const auto held_back = complaints_.admit("head", now)) {
    log::warning("request refused: no head that can be read",
                 {{"why", why}, {"from", connection.peer()}, {"held_back", *held_back}});
  }
}

void ConnectionServer::on_closed(ConnectionId id) {
  connections_.erase(id);
  if (client_ != nullptr) client_->on_disconnect(id);
}

}  // namespace plotbridge::http
