#include "plugin/http/http_server.h"

#include "plugin/base/log.h"
#include "plugin/endpoint/status.h"
#include "plugin/http/connection_server.h"
#include "plugin/http/server_loop_context.h"

#include <exception>
#include <string_view>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr std::size_t kMaxConnections = 256;
constexpr std::size_t kMaxBodyBytes = 64 * 1024;

std::string answer_text(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = text;
  return render(response);
}

std::string respond_safely(const HttpServer::Respond& respond, const HttpRequest& request) {
  try {
    return render(respond(request), request.method == "HEAD");
  } catch (const std::exception& error) {
    log::error("a request failed", {{"path", request.path}, {"error", error.what()}});
    return answer_text(500, endpoint::text_of(endpoint::Status::kInternalError));
  }
}

// Collects the body, then answers.
class RequestSession : public Session {
 public:
  RequestSession(TcpConnection& connection, HttpRequest request, std::uint64_t body_bytes,
                 const HttpServer::Respond& respond)
      : connection_(connection),
        request_(std::move(request)),
        missing_(static_cast<std::size_t>(body_bytes)),
        respond_(respond) {}

  void on_bytes(std::string_view bytes, TimePoint) override {
    bytes = bytes.substr(0, missing_);
    request_.body += bytes;
    missing_ -= bytes.size();
    if (missing_ == 0) connection_.answer(respond_safely(respond_, request_));
  }
  void on_end_of_input(TimePoint) override { connection_.close(); }

 private:
  TcpConnection& connection_;
  HttpRequest request_;
  std::size_t missing_;
  const HttpServer::Respond& respond_;
};

}  // namespace

class HttpServer::Impl : public ConnectionServer::Client {
 public:
  Impl(ServerLoop& loop, Respond respond)
      : respond_(std::move(respond)),
        server_(std::make_shared<ConnectionServer>(
            loop.context().io, ConnectionServer::Limits{kMaxConnections}, *this)) {}

  ConnectionServer& server() { return *server_; }

  void on_request(TcpConnection& connection, const RequestHead& head, TimePoint) override {
    if (!server_->host_guard().allows_host(head)) {
      return connection.answer(answer_text(403, HostGuard::kRefusal));
    }
    if (head.chunked) return connection.answer(answer_text(400, "send a body with Content-Length"));
    if (head.content_length > kMaxBodyBytes) {
      return connection.answer(answer_text(413, "the request body is longer than 64 KiB"));
    }
    HttpRequest request{head.method, head.path, head.query, {}};
    if (head.content_length == 0) return connection.answer(respond_safely(respond_, request));
    connection.attach(std::make_unique<RequestSession>(connection, std::move(request),
                                                       head.content_length, respond_));
  }
  void on_refused() override {}
  void on_disconnect(ConnectionId) override {}
  void on_sweep(TimePoint) override {}

 private:
  Respond respond_;
  std::shared_ptr<ConnectionServer> server_;
};

HttpServer::HttpServer(ServerLoop& loop, Respond respond)
    : loop_(loop), impl_(std::make_unique<Impl>(loop, std::move(respond))) {}

HttpServer::~HttpServer() {
  loop_.call([this] { impl_->server().close(); });
}

Result<std::uint16_t> HttpServer::listen(const std::string& host, std::uint16_t port) {
  return impl_->server().listen(host, port);
}

}  // namespace plotbridge::http
