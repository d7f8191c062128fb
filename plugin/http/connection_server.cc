#include "plugin/http/connection_server.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/endpoint/part_reader.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace plotbridge::http {
namespace {

// However few descriptors there are, so many are for all else.
constexpr std::size_t kLeastReserved = 32;
constexpr std::size_t kMostReserved = 1024;
constexpr int kFreedAtOnce = 32;
// What all of a kind have of the loop's time: strangers a fifth, guests all that others leave.
constexpr int kPartsForStrangers = 5;
constexpr int kPartsForGuests = 1;
// A part of an answer, and as much again: strings reserve more than they hold.
constexpr std::size_t kRoomForTurn = 2 * endpoint::PartReader::kPartBytes;

std::string_view hint_of(ConnectionEnd why) {
  switch (why) {
    case ConnectionEnd::kConnections:
      return "see who opens so many";
    case ConnectionEnd::kDescriptors:
      return "raise LimitNOFILE or ulimit -n";
    case ConnectionEnd::kUnproved:
    case ConnectionEnd::kPeer:
      return "see who opens so many without a token or key";
    case ConnectionEnd::kMemory:
    case ConnectionEnd::kSlowHead:
    case ConnectionEnd::kSlowBody:
    case ConnectionEnd::kSlowReader:
      return "see who sends or reads so slowly";
    case ConnectionEnd::kWatchers:
      return "close pages that nobody looks at";
    case ConnectionEnd::kOtherSite:
      return "see which web page asks for it";
    case ConnectionEnd::kFailure:
      break;
  }
  return "see whether memory is short, else report it";
}

}  // namespace

ConnectionServer::ConnectionServer(asio::io_context& io, Limits limits, Client& client)
    : io_(io),
      limits_(limits),
      client_(&client),
      budget_(limits.budget, [this](ConnectionId id, ConnectionEnd why) { end_later(id, why); }),
      turns_(std::make_shared<TurnQueue>(
          io, TurnPace(kPartsForStrangers), [this](ConnectionId id) { give_turn(id); },
          [this] { return budget_.has_room_for_unproved(kRoomForTurn); })),
      turns_of_guests_(std::make_shared<TurnQueue>(
          io, TurnPace(kPartsForGuests), [this](ConnectionId id) { give_turn(id); },
          [] { return true; })),
      sweep_(io) {}

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
        [self, shared_port](Tcp::socket socket) { self->accept(std::move(socket), shared_port); },
        [self] { self->free_descriptors(); });
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
  turns_->close();
  turns_of_guests_->close();
  stop_listening();
  for (const auto& connection : all()) connection->close();
}

void ConnectionServer::accept(Tcp::socket socket, const std::shared_ptr<const ServerPort>& port) {
  if (client_ == nullptr) return;
  if (!has_descriptor_beside(socket) && !free_descriptors()) {
    client_->on_refused();
    return note(ConnectionEnd::kDescriptors, {});
  }
  if (budget_.is_full()) {
    client_->on_refused();
    return note(ConnectionEnd::kConnections, {});
  }
  const ConnectionId id = ++last_id_;
  auto connection = std::make_shared<TcpConnection>(id, std::move(socket), port, *this, budget_);
  connections_.emplace(id, connection);
  connection->contain([&] { connection->start(steady_now()); });
}

// The system gives the smallest number that is free: at least so many are in use. The socket's own
// may be one that was just given back, so the next is asked for.
bool ConnectionServer::has_descriptor_beside(Tcp::socket& socket) const {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  const std::size_t whole =
      std::clamp<std::size_t>(limit.rlim_cur / 8, kLeastReserved, kMostReserved);
  const std::size_t reserved = limits_.goes_into_reserve ? whole / 2 : whole;
  const int next = fcntl(socket.native_handle(), F_DUPFD_CLOEXEC, 0);
  if (next < 0) return false;
  ::close(next);
  return static_cast<std::size_t>(next) + reserved < limit.rlim_cur;
}

// Several at once: numbers that are given back are taken first, so that one for one would let the
// highest number in use grow.
bool ConnectionServer::free_descriptors() {
  bool freed = false;
  for (int i = 0; i < kFreedAtOnce && budget_.end_oldest_unproved(ConnectionEnd::kDescriptors);
       ++i) {
    freed = true;
  }
  return freed;
}

void ConnectionServer::on_wait_for_turn(TcpConnection& connection) {
  const bool guest = connection.standing() == Standing::kGuest;
  (guest ? turns_of_guests_ : turns_)->join(connection.id());
}

void ConnectionServer::give_turn(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const auto connection = found->second;
  connection->contain([&] { connection->on_turn(steady_now()); });
}

void ConnectionServer::end_later(ConnectionId id, ConnectionEnd why) {
  TcpConnection* const ended = find(id);
  note(why, ended == nullptr ? std::string_view() : ended->peer());
  // At once, because many that take its room may come before its turn to be closed.
  if (ended != nullptr) ended->give_up();
  asio::post(io_, [self = shared_from_this(), id] {
    if (TcpConnection* const connection = self->find(id)) connection->close();
  });
}

void ConnectionServer::note(ConnectionEnd why, std::string_view from) {
  ends_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
  if (const auto suppressed = complaints_.admit(name_of(why), steady_now())) {
    log::warning("connection ended or refused", {{"why", name_of(why)},
                                                 {"from", from.empty() ? "?" : from},
                                                 {"hint", hint_of(why)},
                                                 {"suppressed", *suppressed}});
  }
}

// The next one is waited for before anything can go wrong with this one.
void ConnectionServer::wait_for_sweep() {
  sweep_.expires_after(limits_.sweep_period);
  sweep_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (cancelled || self->client_ == nullptr) return;
    self->wait_for_sweep();
    self->sweep(steady_now());
  });
}

void ConnectionServer::sweep(TimePoint now) {
  for (const auto& connection : all()) {
    connection->contain([&] { connection->sweep(now); });
  }
  if (client_ != nullptr) client_->on_sweep(now);
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
  if (const auto suppressed = complaints_.admit("head", now)) {
    log::warning("request refused: no head that can be read",
                 {{"why", why}, {"from", connection.peer()}, {"suppressed", *suppressed}});
  }
}

void ConnectionServer::on_limit(TcpConnection& connection, ConnectionEnd why) {
  note(why, connection.peer());
}

void ConnectionServer::on_failure(TcpConnection& connection, std::string_view what) {
  ends_[static_cast<std::size_t>(ConnectionEnd::kFailure)].fetch_add(1, std::memory_order_relaxed);
  try {
    if (const auto suppressed = complaints_.admit("failure", steady_now())) {
      log::error("connection ended: something was thrown",
                 {{"error", what}, {"from", connection.peer()}, {"suppressed", *suppressed}});
    }
  } catch (const std::exception&) {
    // There is no memory for a line either; it is counted.
  }
}

void ConnectionServer::on_closed(ConnectionId id) {
  connections_.erase(id);
  turns_->leave(id);
  turns_of_guests_->leave(id);
  try {
    if (client_ != nullptr) client_->on_disconnect(id);
  } catch (const std::exception& error) {
    log::error("a connection's end failed", {{"error", error.what()}});
  }
}

}  // namespace plotbridge::http
