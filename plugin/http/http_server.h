// A server for small requests: each is read whole, answered by one function, and its connection
// closed. Leaves to others: what to answer. `listen` and the destructor any thread but the loop's;
// the function is called on the loop's thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/http/connection_end.h"
#include "plugin/http/http_message.h"
#include "plugin/http/server_loop.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace plotbridge::http {

/// One look at it.
struct HttpServerStats {
  std::uint64_t connections = 0;
  std::uint64_t bytes = 0;                              // that they hold
  std::array<std::uint64_t, kConnectionEnds> limits{};  // refused and ended, by ConnectionEnd
};

class HttpServer {
 public:
  using Respond = std::function<HttpResponse(const HttpRequest&)>;
  /// Whether the answers of a path take long to make: those are made one after the other, in a part
  /// of the loop's time.
  using TakesLong = std::function<bool(std::string_view path)>;

  /// Beyond one of these the oldest connection goes. One answer at a time may be larger.
  static constexpr std::size_t kMaxConnections = 256;
  static constexpr std::size_t kMaxConnectionsOfPeer = 64;  // but for loopback
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  /// `loop` outlives the server. 16 KiB of head within 10 s, 64 KiB of body. On loopback a foreign
  /// Host is refused.
  HttpServer(ServerLoop& loop, Respond respond, TakesLong takes_long = nullptr);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Once. Port 0 takes a free one; the port it is bound to, or kUnavailable with address and
  /// reason.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

  /// Any thread.
  HttpServerStats stats() const;

 private:
  class Impl;
  ServerLoop& loop_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plotbridge::http
