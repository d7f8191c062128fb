// A client on a socket of loopback that never waits: it sends what there is room for, and reads
// what is there. It leaves by a reset, which leaves nothing behind in the system.
#pragma once

#include "tests/fuzz/http_answer.h"
#include "tests/fuzz/must_hold.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace plotbridge {

class HttpClient {
 public:
  /// `buffer`: how much the system keeps for a client that does not read; 0: as it likes.
  HttpClient(std::uint16_t port, int buffer)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), cut_short_(buffer > 0) {
    must_hold(socket_ >= 0, "there is a socket");
    const linger reset{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    if (buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int failure = ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    if (failure != 0) failure = errno;
    // The fuzzer's own alarm may interrupt it, which goes on all the same.
    if (failure == EINTR) failure = end_of_dialling();
    if (failure != 0) std::fprintf(stderr, "connect: %s\n", std::strerror(failure));
    must_hold(failure == 0, "the server listens");
  }
  ~HttpClient() { ::close(socket_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  void send(std::string_view bytes) {
    if (sent_.size() < kKept) sent_ += bytes.substr(0, kKept - sent_.size());
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void end_input() { ::shutdown(socket_, SHUT_WR); }
  void stall(bool stalls) {
    stalls_ = stalls;
    cut_short_ = cut_short_ || stalls;
  }

  /// Whether something new was there.
  bool read() {
    if (stalls_ || ended_) return false;
    std::array<char, 64 * 1024> buffer;
    bool news = false;
    for (;;) {
      const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0 && errno == EAGAIN) return news;
      news = true;
      if (size <= 0) {
        ended_ = true;
        in_order_ = size == 0;
        return true;
      }
      heard_.append(buffer.data(), static_cast<std::size_t>(size));
    }
  }

  std::size_t heard() const { return heard_.size(); }

  /// `whole`: nobody's limit cut an answer.
  void check(bool whole) const {
    const bool to_head = sent_.find("HEAD ") != std::string::npos;
    const HttpAnswer answer(heard_, to_head, whole && in_order_ && !cut_short_);
    must_hold(!sent_.empty() || answer.status() == 0 || answer.status() == 408,
              "only who asks is answered");
  }

 private:
  static constexpr std::size_t kKept = 64;

  int end_of_dialling() const {
    pollfd dialling{socket_, POLLOUT, 0};
    while (::poll(&dialling, 1, -1) < 0 && errno == EINTR) continue;
    int failure = 0;
    socklen_t size = sizeof(failure);
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size);
    return failure;
  }

  int socket_;
  std::string sent_;  // the beginning of it
  std::string heard_;
  bool ended_ = false;
  bool in_order_ = false;
  bool stalls_ = false;
  bool cut_short_;  // it was, or may be, too slow
};

}  // namespace plotbridge
