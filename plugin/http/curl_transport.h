// stream/transport by libcurl: one endless chunked POST for each `open`. Knows the traps of
// libcurl 7.88: it takes the first final status line as the end, and watches its socket for the FIN
// that libcurl does not report while an upload is idle. Leaves to others: when to open and what to
// send. Loop thread only.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/http/ack_reader.h"
#include "plugin/http/answer_head.h"
#include "plugin/http/curl_handle_options.h"
#include "plugin/http/curl_reactor.h"
#include "plugin/http/name_gate.h"
#include "plugin/http/wire_positions.h"
#include "plugin/stream/transport.h"

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plotbridge::http {

class CurlTransport : public stream::Transport, private CurlTransfer, private NameGate::Dial {
 public:
  /// `reactor`, `options` and `client` outlive the transport.
  CurlTransport(CurlReactor& reactor, const CurlTransportOptions& options,
                stream::TransportClient& client);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  void open(std::optional<std::uint64_t> first_line) override;
  void probe() override;
  void resume() override;
  void finish() override;
  void close() override;
  /// Through a proxy these are the bytes that the proxy has.
  std::int64_t acknowledged_bytes() override;
  bool loses_with_power() const override { return now_.head.loses_with_power(); }

 private:
  // What a dial begins anew with.
  struct Dialed {
    bool probe = false;
    bool encrypted = false;
    bool reached = false;    // the endpoint, all but the request: a probe's aim
    bool connected = false;  // the request's head is out
    bool paused = false;
    bool finishing = false;
    int socket = -1;
    // A name may have two addresses that are tried at once; the loser is closed before the head
    // goes out.
    int other_socket = -1;
    std::int64_t acknowledged_at_close = -1;
    std::optional<std::uint64_t> first_line{};  // its offset, where lines are acknowledged
    std::size_t body_bytes = 0;
    std::string body_start;
    AnswerHead head;
    AckReader acks;
  };

  void on_done(CURLcode result) override;
  void on_peer_closed(TimePoint now) override;
  TimePoint ending_due() const override { return ending_due_; }
  void tell_ending() override;
  void start() override;
  void on_name_unknown(const std::string& why) override;

  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static CURLcode on_tls(CURL* easy, void* context, void* self);
  static int on_before_request(void* self, char*, char*, int, int);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_close_socket(void* self, curl_socket_t socket);

  void dial(bool probe, std::optional<std::uint64_t> first_line);
  std::size_t fill(std::span<char> room);
  bool take_header(std::string_view line);
  void note_answer();
  bool take_body(std::string_view bytes);
  bool take_acknowledgements(std::string_view bytes);
  bool answered() const { return now_.head.status() != 0 && !now_.head.acknowledges(); }
  stream::Ending ending_of(CURLcode result);
  /// Remembers the end, to be told at `due` unless something better is learned until then.
  void end(stream::Ending ending, TimePoint due);
  void end_without_reaching(std::string why);
  void release_handle();

  CurlReactor& reactor_;
  const CurlTransportOptions& options_;
  stream::TransportClient& client_;
  CURL* easy_ = nullptr;
  Slist headers_;
  std::string name_;  // that this dial needs to look up; empty: none
  Dialed now_;
  WirePositions positions_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  stream::Ending ending_;
  TimePoint ending_due_ = kNever;
};

}  // namespace plotbridge::http
