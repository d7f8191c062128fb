// A server for small requests: each is read whole, answered by one function, and its connection
// closed. Leaves to others: what to answer. `listen` and the destructor any thread but the loop's;
// the function is called on the loop's thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/http/http_message.h"
#include "plugin/http/server_loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace plotbridge::http {

class HttpServer {
 public:
  using Respond = std::function<HttpResponse(const HttpRequest&)>;

  /// `loop` outlives the server. At most 256 connections, 16 KiB of head within 10 s, 64 KiB of
  /// body. On loopback a foreign Host is refused.
  HttpServer(ServerLoop& loop, Respond respond);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Once. Port 0 takes a free one; the port it is bound to, or kUnavailable with address and
  /// reason.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

 private:
  class Impl;
  ServerLoop& loop_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plotbridge::http
