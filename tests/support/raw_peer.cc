#include "tests/support/raw_peer.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace plotbridge::test {
namespace {

constexpr int kPatienceMs = 10'000;

void wait_readable(int fd, const char* what) {
  pollfd wanted{fd, POLLIN, 0};
  if (::poll(&wanted, 1, kPatienceMs) != 1) throw std::runtime_error(what);
}

}  // namespace

RawPeer::RawPeer(std::string_view host, int receive_bytes) : v6_(host == "::1") {
  listener_ = ::socket(v6_ ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_bytes > 0) {
    ::setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  }
  sockaddr_in6 address{};  // large enough for both, and the port is at the same place
  if (v6_) {
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_family = AF_INET;
    reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  socklen_t size = v6_ ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 512) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin6_port);
}

RawPeer::~RawPeer() {
  close();
  ::close(listener_);
}

std::string RawPeer::url(std::string_view scheme, std::string_view host) const {
  if (host.empty()) host = v6_ ? "[::1]" : "127.0.0.1";
  return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port_) + "/";
}

void RawPeer::accept() {
  wait_readable(listener_, "nobody connected");
  close();
  connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  received_.clear();
}

bool RawPeer::has_caller() const {
  pollfd wanted{listener_, POLLIN, 0};
  return ::poll(&wanted, 1, 0) == 1;
}

bool RawPeer::read_some() {
  char buffer[65536];
  const auto count = ::read(connection_, buffer, sizeof buffer);
  if (count > 0) received_.append(buffer, static_cast<std::size_t>(count));
  return count > 0;
}

const std::string& RawPeer::read_until(std::string_view text) {
  while (received_.find(text) == std::string::npos) {
    wait_readable(connection_, "the bytes waited for did not come");
    if (!read_some()) throw std::runtime_error("the connection ended before the bytes waited for");
  }
  return received_;
}

void RawPeer::skip_until(std::string_view text) {
  while (received_.find(text) == std::string::npos) {
    received_.erase(0, received_.size() - std::min(received_.size(), text.size()));
    wait_readable(connection_, "the bytes waited for did not come");
    if (!read_some()) throw std::runtime_error("the connection ended before the bytes waited for");
  }
}

std::string RawPeer::read_to_end() {
  do {
    wait_readable(connection_, "the other side did not close");
  } while (read_some());
  return received_;
}

bool RawPeer::try_write(std::string_view bytes) {
  limit_waits();
  return ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

void RawPeer::write(std::string_view bytes) {
  if (!try_write(bytes)) throw std::runtime_error("cannot write");
}

void RawPeer::half_close() { ::shutdown(connection_, SHUT_WR); }

void RawPeer::close() {
  if (connection_ >= 0) ::close(connection_);
  connection_ = -1;
}

void RawPeer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(connection_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

std::int64_t RawPeer::bytes_received() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  ::getsockopt(connection_, IPPROTO_TCP, TCP_INFO, &info, &size);
  return static_cast<std::int64_t>(info.tcpi_bytes_received);
}

void RawPeer::vanish() {
  sock_filter drop_all{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &drop_all};
  if (::setsockopt(connection_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
    throw std::runtime_error("cannot attach a filter");
  }
}

void RawPeer::limit_waits() {
  const timeval most{kPatienceMs / 1000, 0};
  ::setsockopt(connection_, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ::setsockopt(connection_, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

}  // namespace plotbridge::test
