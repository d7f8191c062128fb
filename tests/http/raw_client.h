// A client on a raw socket: says exactly the bytes a test wants, and every wait of it has a
// deadline. One thread.
#pragma once

#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::http {

class RawClient {
 public:
  /// `receive_bytes`: how much the kernel keeps for a client that does not read; 0: as much as it
  /// likes. `from`: the address that it comes from; empty: as the kernel likes.
  explicit RawClient(std::uint16_t port, int receive_bytes = 0, const std::string& from = {})
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    sockaddr_in own = test::loopback(0);
    if (!from.empty() && (::inet_pton(AF_INET, from.c_str(), &own.sin_addr) != 1 ||
                          ::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0)) {
      ADD_FAILURE() << "no client can come from " << from;
    }
    sockaddr_in address = test::loopback(port);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      ADD_FAILURE() << "cannot connect";
    }
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;

  RawClient& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }

  void half_close() { ::shutdown(socket_, SHUT_WR); }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

  /// Everything up to and with `end`; fails the test when it does not come.
  std::string read_until(std::string_view end) {
    while (received_.find(end) == std::string::npos) {
      if (!read_some()) {
        ADD_FAILURE() << "no " << end << " in " << received_.substr(0, 2000);
        return std::exchange(received_, "");
      }
    }
    const std::size_t length = received_.find(end) + end.size();
    std::string text = received_.substr(0, length);
    received_.erase(0, length);
    return text;
  }

  /// Whether there is something to read, or the end.
  bool has_something() const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
  }

  /// What comes next; empty: nothing more came.
  std::string read_something() {
    if (received_.empty()) read_some();
    return std::exchange(received_, "");
  }

  /// Whether the end has come, and without a reset.
  bool ended_in_order() const { return ended_; }

  /// Everything up to the end the server makes; fails the test when there is none, or a reset.
  std::string read_to_end() {
    while (read_some()) {
    }
    EXPECT_TRUE(ended_) << "the connection did not end in good order: " << received_.substr(0, 500);
    return std::exchange(received_, "");
  }

 private:
  static constexpr int kPatienceMs = 10'000;

  bool read_some() {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, kPatienceMs) <= 0) return false;
    std::array<char, 65536> buffer;
    const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    ended_ = size == 0;
    if (size > 0) received_.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  int socket_;
  std::string received_;
  bool ended_ = false;
};

}  // namespace plotbridge::http
