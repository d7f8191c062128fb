// The built-in endpoint over real sockets of loopback: how many lines a second its one thread takes
// from 1,000 uploads, and what 500 half-open heads and 300 requests of garbage beside a good stream
// cost it. Medians of several runs; the reference of the second is the same stream alone.
#include "plugin/http/endpoint_server.h"

#include "tests/bench/measure.h"
#include "tests/support/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace plotbridge;

constexpr int kUploads = 1000;
constexpr int kRuns = 5;

class Socket {
 public:
  explicit Socket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = test::loopback(port);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::perror("connect");
      std::exit(1);
    }
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

 private:
  int fd_;
};

std::string head(int number) {
  return "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nplotly-streamtoken: "
         "token" +
         std::to_string(number) + "\r\n\r\n";
}

/// The seconds until the server has taken `more` lines that `work` sends.
template <class Work>
double seconds_for(const http::EndpointServer& server, std::uint64_t more, Work work) {
  const std::uint64_t goal = server.stats().lines + more;
  return seconds_of([&] {
    work();
    while (server.stats().lines < goal) std::this_thread::yield();
  });
}

void many_uploads(const http::EndpointServer& server, std::uint16_t port) {
  constexpr int kLinesPerSend = 200;
  constexpr int kRounds = 5;
  constexpr double kLines = double{kUploads} * kLinesPerSend * kRounds;
  const long before = resident_kib();
  const std::string bytes = chunked_lines(kLinesPerSend);
  std::vector<Socket> uploads;
  for (int i = 0; i < kUploads; ++i) {
    uploads.emplace_back(port);
    uploads.back().send(head(i));
  }
  std::vector<double> rates;
  for (int run = 0; run < kRuns; ++run) {
    rates.push_back(kLines / seconds_for(server, static_cast<std::uint64_t>(kLines), [&] {
                      for (int round = 0; round < kRounds; ++round) {
                        for (const Socket& upload : uploads) upload.send(bytes);
                      }
                    }));
  }
  std::printf(
      "%d uploads: %.0f lines/s on one thread, the sender on another; %ld KiB resident more\n",
      kUploads, median(rates), resident_kib() - before);
}

void bad_company(const http::EndpointServer& server, std::uint16_t port) {
  constexpr int kHalfOpen = 500;
  constexpr int kGarbage = 300;
  constexpr int kLines = 3'000'000;
  const std::string bytes = chunked_lines(kLines);
  Socket good(port);
  good.send(head(kUploads));
  const auto send_all = [&] { good.send(bytes); };
  std::vector<double> alone;
  std::vector<double> beside;
  for (int run = 0; run < kRuns; ++run) {
    alone.push_back(seconds_for(server, kLines, send_all));
    std::vector<Socket> half_open;
    for (int i = 0; i < kHalfOpen; ++i) {
      half_open.emplace_back(port);
      half_open.back().send("POST / HTTP/1.1\r\nHost: local");
    }
    beside.push_back(seconds_for(server, kLines, [&] {
      for (int i = 0; i < kGarbage; ++i) Socket(port).send("\x16\x03\x01 garbage\r\n\r\n");
      send_all();
    }));
  }
  std::printf(
      "a stream of %d lines: alone %.3f s (x 1.00); beside %d half-open heads and %d requests "
      "of garbage %.3f s (x %.2f)\n",
      kLines, median(alone), kHalfOpen, kGarbage, median(beside), median(beside) / median(alone));
}

}  // namespace

int main() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  http::ServerLoop loop;
  endpoint::Endpoint endpoint{endpoint::Options{}};
  http::EndpointServer server(loop, endpoint);
  const auto port = server.listen("127.0.0.1", 0);
  if (!port) return 1;
  loop.start();
  many_uploads(server, *port);
  bad_company(server, *port);
  loop.stop();
  return 0;
}
