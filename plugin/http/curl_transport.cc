#include "plugin/http/curl_transport.h"

#include "plugin/model/protocol.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr long kConnectTimeoutMs = 10'000;
// An answer may follow its FIN by a moment, and its body its head.
constexpr Duration kAnswerMayFollow = 50ms;
constexpr std::size_t kBodyKept = 200;
// A peer that vanished is noticed within this time, with data on the way and without.
constexpr unsigned kUserTimeoutMs = 15'000;
// What a slow peer has not read waits in our queue, where limits and policies hold, not in the
// kernel.
constexpr int kNotSentMost = 64 * 1024;
constexpr int kKeepAliveIdle = 5, kKeepAliveInterval = 2, kKeepAliveProbes = 5;

TimePoint steady_now() { return std::chrono::steady_clock::now(); }

stream::Ending::How how_of(CURLcode result, bool connected) {
  using How = stream::Ending::How;
  if (result == CURLE_OPERATION_TIMEDOUT) return How::kTimeout;
  if (!connected) return How::kNoReach;
  if (result == CURLE_GOT_NOTHING) return How::kFin;
  return How::kReset;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) ==
                  std::tolower(static_cast<unsigned char>(b));
         });
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

void CurlTransport::open() {
  close();
  easy_ = curl_easy_init();
  tls_ = starts_with_ignoring_case(options_.url, "https:");
  connected_ = paused_ = finishing_ = false;
  head_bytes_ = 0;
  acknowledged_at_close_ = -1;
  status_ = 0;
  retry_after_.reset();
  body_start_.clear();
  error_text_[0] = '\0';

  const std::string token = std::string(protocol::kTokenHeader) + ": " + options_.token.reveal();
  // An empty value removes the header that libcurl would add: servers that ignore Expect would cost
  // a second.
  for (const char* header :
       {token.c_str(), "Transfer-Encoding: chunked", "Expect:", "Content-Type:", "Accept:"}) {
    headers_ = curl_slist_append(headers_, header);
  }
  curl_easy_setopt(easy_, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, static_cast<CurlTransfer*>(this));
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy_, CURLOPT_POST, 1L);
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);  // the token goes to nobody else
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");           // nor by an environment variable
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy_, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, 1024L);
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &CurlTransport::on_read);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlTransport::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlTransport::on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlTransport::on_open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, &CurlTransport::on_close_socket);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, this);
  const CURLMcode added = curl_multi_add_handle(reactor_.multi, easy_);
  if (added != CURLM_OK) {
    end({stream::Ending::How::kNoReach, 0, std::nullopt, curl_multi_strerror(added)},
        TimePoint::min());
  }
}

void CurlTransport::resume() {
  if (easy_ == nullptr || !paused_) return;
  paused_ = false;
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

void CurlTransport::finish() {
  finishing_ = true;
  resume();
}

void CurlTransport::close() {
  reactor_.ending.erase(this);
  ending_due_ = kNever;
  release_handle();
}

std::int64_t CurlTransport::acknowledged_bytes() {
  // Under TLS the records' overhead stands between our bytes and TCP's.
  if (tls_) return -1;
  const std::int64_t all = socket_ >= 0 ? ask_kernel() : acknowledged_at_close_;
  return all < 0 || !connected_ ? -1 : all - head_bytes_;
}

void CurlTransport::release_handle() {
  if (easy_ == nullptr) return;
  curl_multi_remove_handle(reactor_.multi, easy_);
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
  easy_ = nullptr;
  headers_ = nullptr;
}

std::size_t CurlTransport::on_read(char* buffer, std::size_t size, std::size_t count, void* self) {
  auto* transport = static_cast<CurlTransport*>(self);
  if (!transport->connected_) {
    // libcurl asks for the body as soon as the head is out.
    transport->connected_ = true;
    long head_bytes = 0;
    curl_easy_getinfo(transport->easy_, CURLINFO_REQUEST_SIZE, &head_bytes);
    transport->head_bytes_ = head_bytes;
    transport->reactor_.watch_socket(transport->socket_, transport);
    transport->client_.on_connected();
  }
  if (transport->status_ == 0) {
    if (const std::size_t filled = transport->client_.fill({buffer, size * count})) return filled;
    if (transport->finishing_) return 0;
  }
  transport->paused_ = true;
  return CURL_READFUNC_PAUSE;
}

std::size_t CurlTransport::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<CurlTransport*>(self)->read_header(std::string_view(data, size * count));
  return size * count;
}

void CurlTransport::read_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    int status = 0;
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) {
      std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
    }
    if (status < 200) return;
    status_ = status;
    if (finishing_) return;  // the answer to our own end: libcurl reads it to the last byte
    end({}, steady_now() + kAnswerMayFollow);
  } else if (starts_with_ignoring_case(line, "retry-after:")) {
    line.remove_prefix(line.find(':') + 1);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    long seconds = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), seconds);
    if (parsed.ec == std::errc() && seconds >= 0) {
      retry_after_ = std::chrono::seconds(std::min(seconds, 86'400L));
    } else if (parsed.ec != std::errc::invalid_argument) {
      retry_after_ = std::chrono::hours(24);  // too large a number: the machine clamps it
    }
  }
}

std::size_t CurlTransport::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transport = static_cast<CurlTransport*>(self);
  const std::size_t room = kBodyKept - std::min(kBodyKept, transport->body_start_.size());
  transport->body_start_.append(data, std::min(room, size * count));
  return size * count;
}

curl_socket_t CurlTransport::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transport = static_cast<CurlTransport*>(self);
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  set_socket_options(fd);
  transport->other_socket_ = std::exchange(transport->socket_, fd);
  return fd;
}

int CurlTransport::on_close_socket(void* self, curl_socket_t socket) {
  auto* transport = static_cast<CurlTransport*>(self);
  transport->reactor_.forget_socket(socket);
  if (socket == transport->socket_) {
    transport->acknowledged_at_close_ = transport->ask_kernel();
    transport->socket_ = std::exchange(transport->other_socket_, -1);
  } else if (socket == transport->other_socket_) {
    transport->other_socket_ = -1;
  }
  return ::close(socket);
}

std::int64_t CurlTransport::ask_kernel() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
  // The SYN counts as one byte.
  return static_cast<std::int64_t>(info.tcpi_bytes_acked) - 1;
}

void CurlTransport::end(stream::Ending ending, TimePoint due) {
  if (ending_due_ != kNever && ending_due_ <= due) return;
  ending_ = std::move(ending);
  ending_due_ = due;
  reactor_.ending.insert(this);
}

void CurlTransport::on_done(CURLcode result) {
  stream::Ending ending;
  if (result != CURLE_OK) {
    ending.how = how_of(result, connected_);
    ending.detail = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(result);
  }
  end(std::move(ending), TimePoint::min());
}

void CurlTransport::on_peer_closed(TimePoint now) {
  stream::Ending ending;
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0) {
    ending.how = error == ETIMEDOUT ? stream::Ending::How::kTimeout : stream::Ending::How::kReset;
    ending.detail = std::strerror(error);
  }
  end(std::move(ending), now + kAnswerMayFollow);
}

void CurlTransport::tell_ending() {
  ending_due_ = kNever;
  stream::Ending ending = std::exchange(ending_, {});
  if (status_ != 0) {
    ending.how = stream::Ending::How::kStatus;
    ending.status = status_;
    ending.retry_after = retry_after_;
    ending.detail = body_start_;
  }
  release_handle();
  client_.on_ended(ending);
}

}  // namespace plotbridge::http
