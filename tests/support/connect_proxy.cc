#include "tests/support/connect_proxy.h"

#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace plotbridge::test {
namespace {

void send_all(int to, const std::string& bytes) {
  ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

ConnectProxy::ConnectProxy(std::string answer)
    : answer_(std::move(answer)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ConnectProxy::~ConnectProxy() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto told = ::write(stop_, &one, sizeof one);
  thread_.join();
  ::close(listener_);
  ::close(stop_);
}

std::vector<std::string> ConnectProxy::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::string ConnectProxy::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void ConnectProxy::serve() {
  for (;;) {
    pollfd waiting[] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    ::poll(waiting, 2, -1);
    if (waiting[1].revents != 0) return;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    serve(client);
    ::close(client);
  }
}

bool ConnectProxy::read(int from, std::string& into) {
  pollfd waiting[] = {{from, POLLIN, 0}, {stop_, POLLIN, 0}};
  ::poll(waiting, 2, -1);
  if (waiting[1].revents != 0) return false;
  char buffer[4096];
  const auto count = ::read(from, buffer, sizeof buffer);
  if (count <= 0) return false;
  into.append(buffer, static_cast<std::size_t>(count));
  return true;
}

void ConnectProxy::serve(int client) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (!read(client, head)) return;
  }
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(head);
    heard_ += head;
  }
  if (!answer_.empty()) {
    send_all(client, answer_);
    return;
  }
  // CONNECT HOST:PORT HTTP/1.1
  const std::string target = head.substr(0, head.find(" HTTP/"));
  const auto port = static_cast<std::uint16_t>(std::atoi(&target[target.rfind(':') + 1]));
  const sockaddr_in address = loopback(port);
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    send_all(client, "HTTP/1.1 200 Connection established\r\n\r\n");
    carry(client, server);
  } else {
    send_all(client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  }
  ::close(server);
}

void ConnectProxy::carry(int client, int server) {
  for (;;) {
    pollfd waiting[] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_, POLLIN, 0}};
    ::poll(waiting, 3, -1);
    if (waiting[2].revents != 0) return;
    const bool from_client = waiting[0].revents != 0;
    std::string bytes;
    if (!read(from_client ? client : server, bytes)) return;
    if (from_client) {
      const std::lock_guard lock(mutex_);
      heard_ += bytes;
    }
    send_all(from_client ? server : client, bytes);
  }
}

}  // namespace plotbridge::test
