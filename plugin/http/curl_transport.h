// stream/transport by libcurl: one endless chunked POST for each `open`. Knows the traps of
// libcurl 7.88: it takes the first final status line as the end, and watches its socket for the FIN
// that libcurl does not report while an upload is idle. Leaves to others: when to open and what to
// send. Loop thread only.
#pragma once

#include "plugin/base/time.h"
#include "plugin/http/curl_reactor.h"
#include "plugin/model/secret.h"
#include "plugin/stream/transport.h"

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace plotbridge::http {

struct CurlTransportOptions {
  std::string url;         // http or https
  std::string user_agent;  // "plotbridge/0.1.0"
  Secret token;
};

class CurlTransport : public stream::Transport, private CurlTransfer {
 public:
  /// `reactor`, `options` and `client` outlive the transport.
  CurlTransport(CurlReactor& reactor, const CurlTransportOptions& options,
                stream::TransportClient& client);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void open() override;
  void probe() override { open(); }
  void resume() override;
  void finish() override;
  void close() override;
  std::int64_t acknowledged_bytes() override;

 private:
  void on_done(CURLcode result) override;
  void on_peer_closed(TimePoint now) override;
  TimePoint ending_due() const override { return ending_due_; }
  void tell_ending() override;

  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_close_socket(void* self, curl_socket_t socket);

  void read_header(std::string_view line);
  /// Remembers the end, to be told at `due` unless something better is learned until then.
  void end(stream::Ending ending, TimePoint due);
  void release_handle();
  /// Bytes that the kernel says are acknowledged, request head included; -1: not known.
  std::int64_t ask_kernel() const;

  CurlReactor& reactor_;
  const CurlTransportOptions& options_;
  stream::TransportClient& client_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  // A name may have two addresses that are tried at once; the loser is closed before the head goes
  // out.
  int socket_ = -1;
  int other_socket_ = -1;
  bool tls_ = false;
  bool connected_ = false;
  bool paused_ = false;
  bool finishing_ = false;
  std::int64_t head_bytes_ = 0;
  std::int64_t acknowledged_at_close_ = -1;
  int status_ = 0;
  std::optional<Duration> retry_after_;
  std::string body_start_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  stream::Ending ending_;
  TimePoint ending_due_ = kNever;
};

}  // namespace plotbridge::http
