// Concern: small requests are answered by the function, whatever clients send, on a port of its
// own.
#include "plugin/http/http_server.h"

#include "tests/http/raw_client.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    const auto bound = server.listen("127.0.0.1", 0);
    port = bound.value_or(0);
    loop.start();
  }
  std::string ask(std::string_view request) const {
    return RawClient(port).send(request).read_to_end();
  }

  ServerLoop loop;
  HttpServer server{loop, [](const HttpRequest& request) {
                      if (request.path == "/broken") throw std::runtime_error("broken");
                      HttpResponse response;
                      response.body = request.method + " " + request.path + " " + request.query +
                                      " " + request.body;
                      return response;
                    }};
  std::uint16_t port = 0;
};

TEST_F(HttpServerTest, RequestIsAnsweredByTheFunction) {
  EXPECT_EQ(ask("GET /status?all=1 HTTP/1.1\r\nHost: localhost:9464\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 18\r\n"
            "Connection: close\r\n" +
                std::string(kHeadersOfAll) + "\r\nGET /status all=1 ");
  EXPECT_TRUE(ask("HEAD / HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, BodyIsReadWhole) {
  RawClient client(port);
  client.send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc").send("def");
  EXPECT_TRUE(client.read_to_end().ends_with("POST /a  abcdef"));
}

TEST_F(HttpServerTest, BodyBeyondTheLimitIsRefusedUnread) {
  EXPECT_TRUE(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, ForeignHostIsRefused) {
  const std::string answer = ask("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 "));
  EXPECT_NE(answer.find("Host header must be localhost"), std::string::npos);
}

TEST_F(HttpServerTest, FunctionThatThrowsCostsOnlyItsRequest) {
  EXPECT_TRUE(ask("GET /broken HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, OccupiedPortIsToldWithAddressAndReason) {
  HttpServer other(loop, [](const HttpRequest&) { return HttpResponse(); });
  const auto bound = other.listen("127.0.0.1", port);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(bound.error().message,
            "cannot listen on 127.0.0.1:" + std::to_string(port) + ": Address already in use");
}

TEST_F(HttpServerTest, ServerGoesWhileALoopRunsAndARequestIsHalfSent) {
  auto other =
      std::make_unique<HttpServer>(loop, [](const HttpRequest&) { return HttpResponse(); });
  const auto bound = other->listen("127.0.0.1", 0);
  ASSERT_TRUE(bound);
  RawClient client(*bound);
  client.send("GET / HTT");
  RawClient(*bound).send("GET / HTTP/1.1\r\n\r\n").read_to_end();
  other.reset();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerLoop, TurnsAndStops) {
  ServerLoop loop;
  EXPECT_EQ(loop.turns(), 0U);
  loop.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (loop.turns() < 2 && std::chrono::steady_clock::now() < deadline) loop.call([] {});
  EXPECT_GE(loop.turns(), 2U);
  loop.stop();
  int calls = 0;
  loop.call([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

// 30 scrapes of a large page, and a probe that asks whether all is well.
TEST_F(HttpServerTest, WhatTakesLongLeavesTheLoopToOthers) {
  std::atomic<int> made{0};
  HttpServer other(
      loop,
      [&](const HttpRequest& request) {
        if (request.path == "/long") {
          const std::clock_t begin = std::clock();
          while (std::clock() - begin < CLOCKS_PER_SEC / 100) {
          }
          ++made;
        }
        return HttpResponse();
      },
      [](std::string_view path) { return path == "/long"; });
  const auto its_port = other.listen("127.0.0.1", 0).value();
  std::vector<RawClient> clients;
  for (int i = 0; i < 30; ++i) {
    clients.emplace_back(its_port).send("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  const std::string probe =
      RawClient(its_port).send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end();
  EXPECT_TRUE(probe.starts_with("HTTP/1.1 200 "));
  EXPECT_LT(made, 10);
  for (RawClient& client : clients) EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(made, 30);
}

#ifndef __SANITIZE_ADDRESS__  // whose heap does not tell
// All ask while the loop is busy, so that it answers them one right after the other.
TEST_F(HttpServerTest, WhoIsEndedForOthersHoldsNothingAnyMore) {
  std::promise<void> go;
  std::size_t most = 0;
  HttpServer other(loop, [&, wait = go.get_future().share()](const HttpRequest& request) {
    if (request.path == "/first") wait.wait();
    HttpResponse response;
    response.body.assign(std::size_t{1} << 20, 'x');
    const struct mallinfo2 heap = ::mallinfo2();
    most = std::max(most, heap.uordblks + heap.hblkhd);
    return response;
  });
  const auto its_port = other.listen("127.0.0.1", 0).value();
  const std::size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) {
    const std::string path = i == 0 ? "/first" : "/";
    clients.emplace_back(its_port, 4096)
        .send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  go.set_value();
  clients.back().read_to_end();
  loop.call([] {});
  EXPECT_LT(most, before + HttpServer::kMaxBytes + (std::size_t{16} << 20));
}
#endif

}  // namespace
}  // namespace plotbridge::http
