#include "tests/support/scripted_broker.h"

#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace plotbridge::test {

ScriptedBroker::ScriptedBroker(std::vector<std::string> answers) : answers_(std::move(answers)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 16);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ScriptedBroker::~ScriptedBroker() {
  ::eventfd_write(stop_, 1);
  thread_.join();
  ::close(listener_);
  ::close(stop_);
}

std::string ScriptedBroker::heard(std::size_t n) const {
  const std::lock_guard lock(mutex_);
  return n < heard_.size() ? heard_[n] : std::string();
}

void ScriptedBroker::serve() {
  // One poll for both: whether the test is over, and whether `fd` has something.
  const auto ready = [this](int fd) {
    pollfd fds[] = {{stop_, POLLIN, 0}, {fd, POLLIN, 0}};
    ::poll(fds, 2, -1);
    return fds[0].revents == 0;
  };
  while (ready(listener_)) {
    const int peer = ::accept(listener_, nullptr, nullptr);
    std::size_t answered = 0;
    char packet[4096];
    while (ready(peer)) {
      const ssize_t size = ::recv(peer, packet, sizeof packet, 0);
      if (size <= 0) break;
      {
        const std::lock_guard lock(mutex_);
        heard_.emplace_back(packet, static_cast<std::size_t>(size));
      }
      if (answered == answers_.size()) continue;
      const std::string& answer = answers_[answered++];
      ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    ::close(peer);
  }
}

}  // namespace plotbridge::test
