// Listens and keeps the connections of one server: what they may hold, their turns, deadlines and
// end.
// Not responsible for: what requests mean (its Client). Loop thread, but for `listen`, `load`,
// `ends` and `turns`.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/base/result.h"
#include "plugin/http/asio.h"
#include "plugin/http/connection_budget.h"
#include "plugin/http/connection_end.h"
#include "plugin/http/server_port.h"
#include "plugin/http/tcp_connection.h"
#include "plugin/http/tcp_listener.h"
#include "plugin/http/turn_queue.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plotbridge::http {

class ConnectionServer : public TcpConnection::Owner,
                         public std::enable_shared_from_this<ConnectionServer> {
 public:
  class Client {
   public:
    virtual ~Client() = default;
    /// A request whose Host and Origin are not judged yet. Must `attach` a session or `answer`.
    /// What it throws ends the connection.
    virtual void on_request(TcpConnection& connection, const RequestHead& head, TimePoint now) = 0;
    /// A connection was refused before it had a request: too many of them, or no head to read.
    virtual void on_refused() = 0;
    virtual void on_disconnect(ConnectionId id) = 0;
    /// Every sweep period.
    virtual void on_sweep(TimePoint now) = 0;
  };

  struct Limits {
    ConnectionBudget::Limits budget;
    /// An eighth of the descriptors that the process may have is left to spool, broker and outgoing
    /// streams; half of that by a server that is to answer when another one is full.
    bool goes_into_reserve = false;
    Duration sweep_period = std::chrono::seconds(1);
  };
  using Ends = std::array<std::atomic<std::uint64_t>, kConnectionEnds>;  // by ConnectionEnd

  /// `client` outlives the server's `close`.
  ConnectionServer(asio::io_context& io, Limits limits, Client& client);

  /// The port it is bound to; more than one are possible. With a certificate: TLS only.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port,
                               std::shared_ptr<TlsCertificate> certificate = nullptr);
  /// Those who come from now on are turned away by the system.
  void stop_listening();
  /// Ends every connection; the client is not called any more.
  void close();

  ConnectionBudget::Load load() const { return budget_.load(); }
  const Ends& ends() const { return ends_; }
  const TurnQueue& turns() const { return *turns_; }
  /// Nothing when it is closed.
  TcpConnection* find(ConnectionId id) const {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
  }

  void on_head(TcpConnection& connection, const RequestHead& head, TimePoint now) override;
  void on_bad_head(TcpConnection& connection, std::string_view why, TimePoint now) override;
  void on_wait_for_turn(TcpConnection& connection) override;
  void on_limit(TcpConnection& connection, ConnectionEnd why) override;
  void on_failure(TcpConnection& connection, std::string_view what) override;
  void on_closed(ConnectionId id) override;

 private:
  void accept(Tcp::socket socket, const std::shared_ptr<const ServerPort>& port);
  bool has_descriptor_beside(Tcp::socket& socket) const;
  bool free_descriptors();
  void give_turn(ConnectionId id);
  void end_later(ConnectionId id, ConnectionEnd why);
  void note(ConnectionEnd why, std::string_view from);
  void wait_for_sweep();
  void sweep(TimePoint now);
  std::vector<std::shared_ptr<TcpConnection>> all() const;

  asio::io_context& io_;
  Limits limits_;
  Client* client_;
  Ends ends_{};
  ConnectionBudget budget_;
  std::shared_ptr<TurnQueue> turns_;  // of unproved ones
  std::shared_ptr<TurnQueue> turns_of_guests_;
  asio::steady_timer sweep_;
  std::vector<std::shared_ptr<TcpListener>> listeners_;
  std::unordered_map<ConnectionId, std::shared_ptr<TcpConnection>> connections_;
  ConnectionId last_id_ = 0;
  RateLimit complaints_{std::chrono::seconds(10)};
};

}  // namespace plotbridge::http
