#include "plugin/http/http_server.h"

#include "plugin/base/log.h"
#include "plugin/endpoint/status.h"
#include "plugin/http/connection_server.h"
#include "plugin/http/request_session.h"
#include "plugin/http/server_loop_context.h"

#include <exception>
#include <string_view>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr std::size_t kMaxBodyBytes = 64 * 1024;

// Nobody proves anything here. It leaves fewer descriptors to the rest than the endpoint does, so
// that one can see what is wrong there.
ConnectionServer::Limits limits() {
  ConnectionBudget::Limits budget{};
  budget.connections = HttpServer::kMaxConnections;
  budget.unproved = HttpServer::kMaxConnections;
  budget.unproved_per_peer = HttpServer::kMaxConnectionsOfPeer;
  budget.unproved_bytes = HttpServer::kMaxBytes;
  ConnectionServer::Limits limits{budget};
  limits.goes_into_reserve = true;
  return limits;
}

std::string respond_safely(const HttpServer::Respond& respond, const HttpRequest& request) {
  try {
    return render(respond(request), request.method == "HEAD");
  } catch (const std::exception& error) {
    log::error("a request failed", {{"path", request.path}, {"error", error.what()}});
    return render_text(500, endpoint::text_of(endpoint::Status::kInternalError));
  }
}

}  // namespace

class HttpServer::Impl : public ConnectionServer::Client {
 public:
  Impl(ServerLoop& loop, Respond respond, TakesLong takes_long)
      : respond_(std::move(respond)),
        takes_long_(std::move(takes_long)),
        server_(std::make_shared<ConnectionServer>(loop.context().io, limits(), *this)) {}

  ConnectionServer& server() { return *server_; }

  void on_request(TcpConnection& connection, const RequestHead& head, TimePoint now) override {
    if (!connection.port().guard.allows_host(head)) {
      return connection.answer(render_text(403, HostGuard::kRefusal));
    }
    auto session = std::make_unique<RequestSession>(
        connection,
        [this, &connection, head](std::string body) {
          connection.answer(
              respond_safely(respond_, {head.method, head.path, head.query, std::move(body),
                                        !head.forwarded && connection.address().loopback}));
        },
        [](int status, std::string_view text) { return render_text(status, text); }, kMaxBodyBytes,
        memory_of(head));
    // So that crowds leave the loop to all others, and each other room.
    if (takes_long_ && takes_long_(head.path)) session->answer_in_turn();
    RequestSession& request = *session;
    connection.attach(std::move(session));
    request.start(head, now);
  }
  void on_refused() override {}
  void on_disconnect(ConnectionId) override {}
  void on_sweep(TimePoint) override {}

 private:
  Respond respond_;
  TakesLong takes_long_;
  std::shared_ptr<ConnectionServer> server_;
};

HttpServer::HttpServer(ServerLoop& loop, Respond respond, TakesLong takes_long)
    : loop_(loop), impl_(std::make_unique<Impl>(loop, std::move(respond), std::move(takes_long))) {}

HttpServer::~HttpServer() {
  loop_.call([this] { impl_->server().close(); });
}

HttpServerStats HttpServer::stats() const {
  HttpServerStats stats;
  stats.connections = impl_->server().load().connections;
  stats.bytes = impl_->server().load().bytes;
  for (std::size_t i = 0; i < kConnectionEnds; ++i) stats.limits[i] = impl_->server().ends()[i];
  return stats;
}

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port) {
  return impl_->server().listen(host, port);
}

}  // namespace plotbridge::http
