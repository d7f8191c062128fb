// An HTTP proxy that knows CONNECT and nothing else: notes each request's head and carries bytes
// both ways until one side ends. Serves one client after the other on a thread of its own.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace plotbridge::test {

class ConnectProxy {
 public:
  /// `answer`: sent in place of the tunnel, and the client closed; empty: it connects to 127.0.0.1
  /// at the port that was asked for, whatever the name.
  explicit ConnectProxy(std::string answer = "");
  ~ConnectProxy();
  ConnectProxy(const ConnectProxy&) = delete;
  ConnectProxy& operator=(const ConnectProxy&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Heads of requests so far.
  std::vector<std::string> heads() const;
  /// Everything that clients have sent, heads included.
  std::string heard() const;

 private:
  void serve();
  void serve(int client);
  void carry(int client, int server);
  /// False: it was closed, or the test is over.
  bool read(int from, std::string& into);

  std::string answer_;
  int listener_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  std::string heard_;
  std::thread thread_;
};

}  // namespace plotbridge::test
