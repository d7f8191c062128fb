#include "plugin/http/watcher_table.h"

#include "plugin/base/clock.h"

#include <chrono>
#include <utility>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 100ms;
// A browser that lost its place to another asks again after this many milliseconds, not at once.
constexpr std::string_view kComeBackLater = "retry: 30000\n\n";

// Event ids of an earlier process must not be taken for ours: its frames are gone.
std::string new_era() { return std::to_string(wall_now().time_since_epoch() / 1ms) + '-'; }

}  // namespace

WatcherTable::WatcherTable(asio::io_context& io, const ConnectionServer& server,
                           std::size_t capacity)
    : timer_(io), server_(&server), capacity_(capacity), era_(new_era()) {}

bool WatcherTable::watch(TcpConnection& connection, endpoint::Endpoint& endpoint,
                         endpoint::Plot& plot, const RequestHead& head) {
  if (sessions_.size() >= capacity_ && !make_room()) return false;
  auto session = std::make_unique<SseSession>(connection, endpoint, plot, era_, head.last_event_id);
  SseSession& made = *session;
  connection.attach(std::move(session));
  sessions_.emplace(connection.id(), &made);
  size_.store(sessions_.size(), std::memory_order_relaxed);
  made.start();
  if (sessions_.size() == 1) wait_for_tick();
  return true;
}

bool WatcherTable::make_room() {
  for (const auto& [id, session] : sessions_) {
    TcpConnection* const connection = server_->find(id);
    if (connection == nullptr || connection->standing() == Standing::kProved) continue;
    connection->note_limit(ConnectionEnd::kWatchers);
    remove(id);
    // One that does not read would keep its slot for as long as an answer may take.
    connection->writing() ? connection->close() : connection->answer(kComeBackLater);
    return true;
  }
  return false;
}

void WatcherTable::remove(ConnectionId id) {
  sessions_.erase(id);
  size_.store(sessions_.size(), std::memory_order_relaxed);
}

void WatcherTable::close() {
  error_code ignored;
  timer_.cancel(ignored);
  server_ = nullptr;
  sessions_.clear();
}

void WatcherTable::wait_for_tick() {
  timer_.expires_after(kTick);
  // A tick may be due already when the server is destroyed.
  timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self || self->sessions_.empty()) return;
    self->wait_for_tick();  // before anything can go wrong with this one
    self->tick(steady_now());
  });
}

void WatcherTable::tick(TimePoint now) {
  std::vector<ConnectionId> watching;
  watching.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) watching.push_back(id);
  for (const ConnectionId id : watching) {
    const auto found = sessions_.find(id);
    TcpConnection* const connection = server_ == nullptr ? nullptr : server_->find(id);
    if (found == sessions_.end() || connection == nullptr) continue;
    connection->contain([&] { found->second->tick(now); });
  }
}

}  // namespace plotbridge::http
