// The built-in endpoint on its port: streams by `POST /`, the live page and what it asks for by
// GET. Leaves to others: what lines and plots mean (endpoint::Endpoint). `listen`, `stats` and the
// destructor any thread but the loop's; the endpoint is used on the loop's thread alone.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/http/endpoint_counters.h"
#include "plugin/http/server_loop.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace plotbridge::http {

/// Paths, in PEM; they may change while the server runs.
struct TlsFiles {
  std::string certificate;  // with those between it and its authority
  std::string key;
};

class EndpointServer {
 public:
  struct Options {
    std::size_t max_connections = 12'000;  // a few more than streams
    /// Of these, such that sent neither a token nor a key that is known, in all and from one
    /// address; from loopback, where a reverse proxy may be, only in all.
    std::size_t max_unproved = 1024;
    std::size_t max_unproved_per_peer = 256;
    std::size_t max_watchers = 100;  // pages that draw live
    /// What all connections hold: heads, bodies being read, lines without an end, answers being
    /// sent. Of these, what those hold that proved nothing; at most a quarter.
    std::size_t max_bytes = std::size_t{64} << 20;
    std::size_t max_unproved_bytes = std::size_t{16} << 20;
    /// A disk that stands still for longer does not hold answers up.
    Duration patience = std::chrono::seconds(5);
    std::vector<std::string> embed{};  // origins that may show the page in a frame
  };

  /// `loop` and `endpoint` outlive the server.
  EndpointServer(ServerLoop& loop, endpoint::Endpoint& endpoint, Options options);
  EndpointServer(ServerLoop& loop, endpoint::Endpoint& endpoint)
      : EndpointServer(loop, endpoint, Options()) {}
  /// Ends every stream without an answer, but for a last acknowledgement where there are any.
  ~EndpointServer();
  /// Takes nobody any more and ends the streams with 503, but for those with acknowledgements, who
  /// hear their last one from the destructor. Returns once these clients have read it and are gone,
  /// or soon after. While the loop runs.
  void stop();
  EndpointServer(const EndpointServer&) = delete;
  EndpointServer& operator=(const EndpointServer&) = delete;

  /// Once. Port 0 takes a free one; the port it is bound to, or kUnavailable with address and
  /// reason.
  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port);

  /// The same in TLS, beside the plain port. kInvalid when the files cannot be used.
  Result<std::uint16_t> listen_tls(const std::string& host, std::uint16_t port,
                                   const TlsFiles& files);

  /// Where state is kept: `wake` is called on the loop when somebody waits for his answer until
  /// what he sent is kept. Before the loop starts.
  void on_waiting(std::function<void()> wake);
  /// Everything up to this ticket of the endpoint's journal is kept, or cannot be. Loop thread.
  void kept(std::uint64_t ticket);

  /// Whether nothing can be kept for now: then nobody waits for it. Loop thread.
  void set_failing(bool failing);

  EndpointStats stats() const;

 private:
  class Impl;
  ServerLoop& loop_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plotbridge::http
