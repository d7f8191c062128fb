#include "plugin/http/curl_transport.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/http/curl_failure.h"
#include "plugin/http/private_key.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

// An answer may follow its FIN by a moment, and its body its head. Where it is the answer to our
// own end, there is no hurry.
constexpr Duration kAnswerMayFollow = 50ms;
constexpr Duration kLastAnswerMayTake = 1s;
// Shown of an answer's body, and taken of it before it counts as endless.
constexpr std::size_t kBodyShown = 200;
constexpr std::size_t kMostBody = 64 * 1024;
constexpr std::size_t kLocationShown = 200;
// A peer that vanished is noticed within this time, with data on the way and without. So is one
// that is alive but takes nothing: Linux (6.18, measured: 15.3 s) ends a connection whose window
// stayed closed that long, though its probes are answered. It counts as silence; what was not taken
// goes over the next connection, at the pace of the backoff. There is no way to tolerate longer
// stalls and notice a pulled cable as early.
constexpr unsigned kUserTimeoutMs = 15'000;
// What a slow peer has not read waits in our queue, where limits and policies hold, not in the
// kernel.
constexpr int kNotSentMost = 64 * 1024;
constexpr int kKeepAliveIdle = 5, kKeepAliveInterval = 2, kKeepAliveProbes = 5;

// What libcurl calls must not throw through it; `failed` ends the transfer, and with it no more
// than this connection.
template <class Result, class Work>
Result contained(Result failed, Work work) {
  try {
    return work();
  } catch (const std::exception& error) {
    log::error("connection ended: something was thrown", {{"error", error.what()}});
  } catch (...) {
    log::error("connection ended: something was thrown", {{"error", "of no known kind"}});
  }
  return failed;
}

void set_socket_options(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveIdle, sizeof kKeepAliveIdle);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &kKeepAliveInterval, sizeof kKeepAliveInterval);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kKeepAliveProbes, sizeof kKeepAliveProbes);
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kNotSentMost, sizeof kNotSentMost);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
}

}  // namespace

CurlTransport::CurlTransport(CurlReactor& reactor, const CurlTransportOptions& options,
                             stream::TransportClient& client)
    : reactor_(reactor), options_(options), client_(client) {}

CurlTransport::~CurlTransport() { close(); }

void CurlTransport::open(std::optional<std::uint64_t> first_line) { dial(false, first_line); }

void CurlTransport::probe() { dial(true, std::nullopt); }

void CurlTransport::dial(bool probe, std::optional<std::uint64_t> first_line) {
  close();
  now_ = {};
  now_.probe = probe;
  now_.first_line = first_line;
  now_.encrypted = is_https(options_);
  positions_ = {};
  error_text_[0] = '\0';
  name_ = name_to_look_up(options_);
  if (name_.empty() || reactor_.names.admit(name_, *this, steady_now())) start();
}

void CurlTransport::start() {
  if (const auto key = check_private_key(options_.tls); now_.encrypted && !key) {
    return end_without_reaching(key.error().message);
  }
  easy_ = curl_easy_init();
  headers_ = stream_headers(options_, now_.first_line);
  set_handle_options(easy_, options_, headers_.get());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, static_cast<CurlTransfer*>(this));
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &CurlTransport::on_read);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlTransport::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlTransport::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  if (options_.tls.verify) {
    curl_easy_setopt(easy_, CURLOPT_SSL_CTX_FUNCTION, &CurlTransport::on_tls);
    curl_easy_setopt(easy_, CURLOPT_SSL_CTX_DATA, this);
  }
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &CurlTransport::on_before_request);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlTransport::on_open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, &CurlTransport::on_close_socket);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, this);
  const CURLMcode added = curl_multi_add_handle(reactor_.multi, easy_);
  if (added != CURLM_OK) end_without_reaching(curl_multi_strerror(added));
}

void CurlTransport::on_name_unknown(const std::string& why) { end_without_reaching(why); }

void CurlTransport::end_without_reaching(std::string why) {
  stream::Ending ending;
  ending.how = stream::Ending::How::kNoReach;
  ending.detail = std::move(why);
  end(std::move(ending), TimePoint::min());
}

void CurlTransport::resume() {
  if (easy_ == nullptr || !now_.paused) return;
  now_.paused = false;
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

void CurlTransport::finish() {
  now_.finishing = true;
  resume();
}

void CurlTransport::close() {
  reactor_.ending.erase(this);
  ending_due_ = kNever;
  release_handle();
}

std::int64_t CurlTransport::acknowledged_bytes() {
  if (!now_.connected) return -1;
  const std::int64_t all =
      now_.socket >= 0 ? bytes_acknowledged(now_.socket) : now_.acknowledged_at_close;
  return all < 0 ? -1 : positions_.chunk_bytes(all);
}

void CurlTransport::release_handle() {
  if (!name_.empty()) reactor_.names.forget(name_, *this);
  if (easy_ == nullptr) return;
  curl_multi_remove_handle(reactor_.multi, easy_);
  curl_easy_cleanup(easy_);
  easy_ = nullptr;
  headers_.reset();
}

std::size_t CurlTransport::on_read(char* buffer, std::size_t size, std::size_t count, void* self) {
  return contained<std::size_t>(CURL_READFUNC_ABORT, [&] {
    return static_cast<CurlTransport*>(self)->fill({buffer, size * count});
  });
}

// libcurl asks for a chunk as soon as the head, or the chunk before, is with the kernel to the last
// byte; OpenSSL's buffer included, because its write returns no sooner.
std::size_t CurlTransport::fill(std::span<char> room) {
  if (!now_.connected) {
    now_.connected = true;
    // Behind the head, and behind the CONNECT and the handshake that may stand before it.
    positions_.start(bytes_written(now_.socket), !now_.encrypted);
    reactor_.watch_socket(now_.socket, this);
    client_.on_connected();
  }
  if (positions_.wants_position()) positions_.written(bytes_written(now_.socket));
  if (!answered()) {
    if (const std::size_t filled = client_.fill(room)) {
      positions_.handed_out(stream::chunk_wire_size(filled));
      return filled;
    }
    if (now_.finishing) return 0;
  }
  now_.paused = true;
  return CURL_READFUNC_PAUSE;
}

CURLcode CurlTransport::on_tls(CURL*, void* context, void* self) {
  auto* transport = static_cast<CurlTransport*>(self);
  const auto given = transport->reactor_.authorities.give(static_cast<ssl_ctx_st*>(context),
                                                          transport->options_.tls.ca);
  if (given) return CURLE_OK;
  transport->end_without_reaching(given.error().message);
  return CURLE_SSL_CACERT_BADFILE;
}

int CurlTransport::on_before_request(void* self, char*, char*, int, int) {
  auto* transport = static_cast<CurlTransport*>(self);
  transport->now_.reached = true;
  return transport->now_.probe ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

std::size_t CurlTransport::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transport = static_cast<CurlTransport*>(self);
  return contained<std::size_t>(0, [&]() -> std::size_t {
    return transport->take_header({data, size * count}) ? size * count : 0;
  });
}

bool CurlTransport::take_header(std::string_view line) {
  const bool answered_before = now_.head.status() != 0;
  // Interim answers come in any number over days; libcurl ends the transfer at 300 KiB of them.
  if (!now_.head.read(line, wall_now())) {
    stream::Ending ending;
    ending.how = stream::Ending::How::kReset;
    ending.detail = "the answer's head is longer than 64 KiB";
    end(std::move(ending), TimePoint::min());
    return false;
  }
  if (!now_.first_line) {
    if (!answered_before) note_answer();
  } else if (line == "\r\n" || line == "\n") {
    note_answer();  // only a whole head says whether this is the end
  }
  return true;
}

void CurlTransport::note_answer() {
  if (answered()) {
    end({}, steady_now() + (now_.finishing ? kLastAnswerMayTake : kAnswerMayFollow));
  }
}

std::size_t CurlTransport::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transport = static_cast<CurlTransport*>(self);
  return contained<std::size_t>(0, [&]() -> std::size_t {
    return transport->take_body({data, size * count}) ? size * count : 0;
  });
}

bool CurlTransport::take_body(std::string_view bytes) {
  if (now_.head.acknowledges()) return take_acknowledgements(bytes);
  // So much more that a token that begins in what is shown is known as a whole.
  const std::size_t most = kBodyShown + options_.token.reveal().size();
  now_.body_start += bytes.substr(0, most - std::min(most, now_.body_start.size()));
  now_.body_bytes += bytes.size();
  return now_.body_bytes <= kMostBody;
}

bool CurlTransport::take_acknowledgements(std::string_view bytes) {
  stream::Ending ending;
  if (!now_.acks.read(bytes, [this](auto ranges) { client_.on_have(ranges); })) {
    ending.how = stream::Ending::How::kReset;
    ending.detail = "the endpoint's acknowledgements cannot be read";
    end(std::move(ending), TimePoint::min());
    return false;
  }
  if (now_.acks.ended()) end(std::move(ending), TimePoint::min());  // what it says is asked then
  return true;
}

curl_socket_t CurlTransport::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transport = static_cast<CurlTransport*>(self);
  if (!transport->name_.empty()) {
    transport->reactor_.names.resolved(transport->name_, *transport, steady_now());
  }
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  set_socket_options(fd);
  transport->now_.other_socket = std::exchange(transport->now_.socket, fd);
  return fd;
}

int CurlTransport::on_close_socket(void* self, curl_socket_t socket) {
  auto* transport = static_cast<CurlTransport*>(self);
  Dialed& now = transport->now_;
  transport->reactor_.forget_socket(socket);
  if (socket == now.socket) {
    now.acknowledged_at_close = bytes_acknowledged(socket);
    now.socket = std::exchange(now.other_socket, -1);
  } else if (socket == now.other_socket) {
    now.other_socket = -1;
  }
  return ::close(socket);
}

void CurlTransport::end(stream::Ending ending, TimePoint due) {
  if (ending_due_ != kNever && ending_due_ <= due) return;
  ending_ = std::move(ending);
  ending_due_ = due;
  reactor_.ending.insert(this);
}

stream::Ending CurlTransport::ending_of(CURLcode result) {
  long connect_status = 0;
  curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  const CurlFailure failure{result, connect_status, now_.reached, error_text_.data()};
  return http::ending_of(failure, options_);
}

void CurlTransport::on_done(CURLcode result) {
  stream::Ending ending;
  if (now_.probe && now_.reached) {
    ending.how = stream::Ending::How::kReached;
  } else {
    ending = ending_of(result);
  }
  if (!name_.empty()) reactor_.names.failed(name_, *this, ending.detail);
  end(std::move(ending), TimePoint::min());
}

void CurlTransport::on_peer_closed(TimePoint now) {
  stream::Ending ending;
  TimePoint due = now + kAnswerMayFollow;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(now_.socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) {
    // Asked for, it is gone from the socket: libcurl would take what follows for a clean end.
    ending.how = how_of_socket_error(error);
    ending.detail = std::strerror(error);
    due = TimePoint::min();
  }
  end(std::move(ending), due);
}

void CurlTransport::tell_ending() {
  ending_due_ = kNever;
  stream::Ending ending = std::exchange(ending_, {});
  const std::string& token = options_.token.reveal();
  if (now_.head.acknowledges()) {
    if (now_.acks.ended()) {
      ending.how = stream::Ending::How::kStatus;
      ending.status = now_.acks.status();
      ending.close = now_.acks.close();
    } else {
      ending.detail = without_secret(ending.detail, token, CURL_ERROR_SIZE);
    }
    ending.bad_line = now_.acks.bad_line();
  } else if (now_.head.status() != 0) {
    ending.close = now_.head.close();
    ending.how = stream::Ending::How::kStatus;
    ending.status = now_.head.status();
    ending.retry_after = now_.head.retry_after();
    ending.location = without_secret(now_.head.location(), token, kLocationShown);
    ending.detail = without_secret(now_.body_start, token, kBodyShown);
  } else {
    ending.detail = without_secret(ending.detail, token, CURL_ERROR_SIZE);
  }
  ending.names_evictions = now_.head.names_evictions();
  release_handle();
  client_.on_ended(ending);
}

}  // namespace plotbridge::http
