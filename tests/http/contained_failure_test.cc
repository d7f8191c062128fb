// Concern: what is thrown on the server loop costs one connection: no caller waits for ever, no
// timer stops, no slot is lost.
#include "plugin/http/connection_server.h"
#include "plugin/http/curl_loop.h"
#include "plugin/http/server_loop.h"
#include "plugin/http/server_loop_context.h"

#include "tests/http/raw_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

class ThrowingSession : public Session {
 public:
  void on_bytes(std::string_view, TimePoint) override { throw std::bad_alloc(); }
  void on_end_of_input(TimePoint) override {}
};

class ThrowingClient : public ConnectionServer::Client {
 public:
  void on_request(TcpConnection& connection, const RequestHead& head, TimePoint) override {
    if (head.path == "/throw") throw std::runtime_error("asked to");
    if (head.path == "/kind") throw 5;
    if (head.path == "/session") return connection.attach(std::make_unique<ThrowingSession>());
    connection.answer("HTTP/1.1 200 OK\r\n\r\n");
  }
  void on_refused() override {}
  void on_disconnect(ConnectionId) override {
    ++disconnects;
    throw std::bad_alloc();
  }
  void on_sweep(TimePoint) override {
    ++sweeps;
    throw std::runtime_error("each time");
  }
  std::atomic<int> disconnects{0};
  std::atomic<int> sweeps{0};
};

template <class Condition>
bool comes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class ContainedFailureTest : public testing::Test {
 protected:
  ContainedFailureTest() {
    ConnectionServer::Limits limits{{4, 4, 4, 0, 1 << 20, 0}};
    limits.sweep_period = 10ms;
    server = std::make_shared<ConnectionServer>(loop.context().io, limits, client);
    port = server->listen("127.0.0.1", 0).value();
    loop.start();
  }
  ~ContainedFailureTest() override {
    loop.call([this] { server->close(); });
  }
  std::string ask(const std::string& path, std::string_view body = {}) const {
    RawClient one(port);
    one.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n" + std::string(body));
    return one.read_something();
  }

  ThrowingClient client;
  ServerLoop loop;
  std::shared_ptr<ConnectionServer> server;
  std::uint16_t port = 0;
};

TEST_F(ContainedFailureTest, EndsItsConnectionAndGivesTheSlotBack) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask("/throw"), "");
    EXPECT_EQ(ask("/kind"), "");
    EXPECT_EQ(ask("/session", "a body"), "");
    EXPECT_NE(ask("/").find(" 200 "), std::string::npos);
  }
  EXPECT_TRUE(comes_true([&] { return client.disconnects == 20; }));
  EXPECT_TRUE(comes_true([&] { return server->load().connections == 0; }));
  EXPECT_EQ(server->load().bytes, 0U);
  EXPECT_EQ(server->ends()[static_cast<std::size_t>(ConnectionEnd::kFailure)], 15U);
}

TEST_F(ContainedFailureTest, LetsNoTimerStop) {
  EXPECT_TRUE(comes_true([&] { return client.sweeps >= 5; }));
  const std::uint64_t before = loop.turns();
  EXPECT_TRUE(comes_true([&] { return loop.turns() > before; }));
}

TEST_F(ContainedFailureTest, IsThrownAtWhoCalledAndWaits) {
  EXPECT_THROW(loop.call([] { throw std::bad_alloc(); }), std::bad_alloc);
  int calls = 0;
  loop.call([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(CurlLoop, GoesOnAfterATurnThatThrows) {
  CurlLoop loop;
  int turns = 0;
  loop.run([&](TimePoint) -> CurlLoop::Rest {
    if (++turns == 1) throw std::bad_alloc();
    if (turns == 2) throw 5;
    loop.stop();
    return {};
  });
  EXPECT_EQ(turns, 3);
}

}  // namespace
}  // namespace plotbridge::http
