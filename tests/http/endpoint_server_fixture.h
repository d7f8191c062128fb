// The endpoint on a free port of loopback, for tests that speak to it by raw sockets.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/http/endpoint_server.h"
#include "plugin/http/server_loop.h"

#include "tests/http/raw_client.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace plotbridge::http {

class EndpointServerTest : public testing::Test {
 protected:
  using Users = std::vector<std::pair<std::string_view, std::string_view>>;

  /// Names and keys; `on_loopback`: where strangers do not come.
  static endpoint::Options with_users(const Users& users, bool on_loopback) {
    std::vector<endpoint::Accounts::User> known;
    for (const auto& [name, key] : users) {
      known.push_back({std::string(name), Secret(std::string(key))});
    }
    endpoint::Options options;
    options.accounts = endpoint::Accounts(std::move(known), on_loopback);
    return options;
  }
  void start(endpoint::Options options = {}, EndpointServer::Options limits = {}) {
    endpoint = std::make_unique<endpoint::Endpoint>(std::move(options));
    server = std::make_unique<EndpointServer>(loop, *endpoint, limits);
    const auto bound = server->listen("127.0.0.1", 0);
    ASSERT_TRUE(bound) << bound.error().message;
    port = *bound;
    loop.start();
  }

  RawClient client() const { return RawClient(port); }

  /// How often this limit ended or refused something.
  std::uint64_t ended(ConnectionEnd why) const {
    return server->stats().limits[static_cast<std::size_t>(why)];
  }
  template <class Condition>
  void wait_until(Condition condition, const char* what) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(45);
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited in vain: " << what;
      std::this_thread::yield();
    }
  }

  /// A stream as Python's client opens it.
  RawClient stream(std::string_view token = "abcdefghij") const {
    RawClient made(port);
    made.send(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n"
        "Transfer-Encoding: chunked\r\nHost: 127.0.0.1\r\nplotly-streamtoken: " +
        std::string(token) + "\r\n\r\n");
    return made;
  }

  std::string get(std::string_view path, std::string_view headers = "Host: localhost\r\n") const {
    RawClient made(port);
    made.send("GET " + std::string(path) + " HTTP/1.1\r\n" + std::string(headers) + "\r\n");
    return made.read_to_end();
  }

  /// Asks for the list of plots until it contains `text`.
  std::string plots_with(std::string_view text) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(45);
    std::string plots;
    do {
      plots = get("/api/plots");
      if (plots.find(text) != std::string::npos) return plots;
    } while (std::chrono::steady_clock::now() < deadline);
    ADD_FAILURE() << "never " << text << " in " << plots;
    return plots;
  }

  ServerLoop loop;
  std::unique_ptr<endpoint::Endpoint> endpoint;
  std::unique_ptr<EndpointServer> server;
  std::uint16_t port = 0;
};

inline std::string chunk(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string size;
  for (std::size_t left = text.size(); left > 0; left /= 16) size.insert(0, 1, kHex[left % 16]);
  return size + "\r\n" + std::string(text) + "\r\n";
}

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace plotbridge::http
