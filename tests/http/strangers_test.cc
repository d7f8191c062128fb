// Concern: who is nobody here makes the server hold little, and a web page of another origin
// nothing at all.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace plotbridge::http {
namespace {

class StrangersTest : public EndpointServerTest {
 protected:
  RawClient post(std::string_view path, std::size_t announced, std::size_t sent,
                 std::string_view headers = "Host: localhost\r\n") const {
    auto made = client();
    made.send("POST " + std::string(path) + " HTTP/1.1\r\n" + std::string(headers) +
              "Content-Length: " + std::to_string(announced) + "\r\n\r\n" + std::string(sent, 'a'));
    return made;
  }
  void wait_until_read(std::size_t bytes) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (server->stats().reading_bytes != bytes) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << server->stats().reading_bytes;
      std::this_thread::yield();
    }
  }
};

TEST_F(StrangersTest, AreRefusedBeforeTheirBodyIsRead) {
  start(with_users({{"plant", "apikey1234"}}, false));
  EXPECT_TRUE(has(post("/v2/grids", 8'000'000, 0).read_to_end(), " 401 "));
  EXPECT_TRUE(has(post("/apigetfile/plant/1", 8'000'000, 0).read_to_end(), " 401 "));
}

TEST_F(StrangersTest, FindNoRoomForMoreBodiesThanAServerCanHold) {
  EndpointServer::Options limits;
  limits.max_reading_bytes = std::size_t{1} << 20;
  start({}, limits);
  {
    const auto half = post("/clientresp", 8'000'000, 900'000);
    wait_until_read(900'000);
    const std::string answer = post("/v2/grids", 300'000, 300'000).read_to_end();
    EXPECT_TRUE(has(answer, " 503 ")) << answer;
  }
  wait_until_read(0);
  const std::string answer = post("/v2/grids", 300'000, 300'000).read_to_end();
  EXPECT_TRUE(has(answer, " 400 ")) << answer;  // read, and not understood
}

TEST_F(StrangersTest, FindNoRoomForMoreLinesWithoutAnEndThanAServerCanHold) {
  EndpointServer::Options limits;
  limits.max_reading_bytes = std::size_t{1} << 20;
  start({}, limits);
  const std::string piece = "{\"y\":\"" + std::string(600'000, 'a');
  auto first = stream("aaaaaaaaaa");
  auto second = stream("bbbbbbbbbb");
  first.send(chunk(piece));
  second.send(chunk(piece));
  // One of them has come too late; a line of ordinary length is taken all the same.
  auto third = stream("cccccccccc");
  third.send(chunk("{\"y\":1}\n")).send(kLastChunk);
  EXPECT_TRUE(has(third.read_to_end(), " 200 "));
  std::string ended;
  while (ended.empty()) {
    if (first.has_something()) ended = first.read_to_end();
    if (ended.empty() && second.has_something()) ended = second.read_to_end();
  }
  EXPECT_TRUE(has(ended, " 503 ")) << ended;
}

TEST_F(StrangersTest, HaveLittleRoomToNameTheirToken) {
  start();
  const std::string line =
      "{\"y\":\"" + std::string(100'000, 'a') + "\",\"streamtoken\":\"abcdefghij\"}\n";
  const std::string head =
      "POST / HTTP/1.1\r\nHost: any\r\nUser-Agent: Arduino\r\nTransfer-Encoding: chunked\r\n\r\n";
  auto nobody = client();
  nobody.send(head + chunk(line));
  EXPECT_TRUE(has(nobody.read_to_end(), " 422 "));
  auto somebody = client();
  somebody.send(head + chunk("{\"y\":1,\"streamtoken\":\"abcdefghij\"}\n") + chunk(line));
  somebody.send(kLastChunk);
  EXPECT_TRUE(has(somebody.read_to_end(), " 200 "));
}

TEST_F(StrangersTest, OfAnotherOriginReadNoPlotsAndTakeNoPlaceOfAWatcher) {
  start();
  stream().send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  const std::string evil = "Host: localhost:8088\r\nOrigin: http://example.com\r\n";
  for (const char* path : {"/api/plots", "/api/plots/1", "/api/plots/1/events"}) {
    const std::string answer = get(path, evil);
    EXPECT_TRUE(has(answer, " 403 ")) << path << ' ' << answer;
    EXPECT_TRUE(has(answer, "another origin")) << path << ' ' << answer;
  }
  EXPECT_EQ(server->stats().watchers, 0U);
  EXPECT_TRUE(
      has(get("/api/plots", "Host: localhost:8088\r\nOrigin: http://localhost:8088\r\n"), " 200 "));
  EXPECT_TRUE(has(get("/", evil), " 200 "));
}

TEST_F(StrangersTest, AreToldWhatIsWrongWithTheirRequest) {
  start();
  const std::string evil = "Host: localhost\r\nOrigin: http://example.com\r\n";
  for (const char* path : {"/clientresp", "/v2/plots"}) {
    const std::string answer = post(path, 2, 2, evil).read_to_end();
    EXPECT_TRUE(has(answer, " 403 ") && has(answer, "another origin")) << answer;
  }
  const std::string rebound = post("/v2/plots", 2, 2, "Host: example.com\r\n").read_to_end();
  EXPECT_TRUE(has(rebound, " 403 ") && has(rebound, "the Host header")) << rebound;
  const std::string read = get("/clientresp");
  EXPECT_TRUE(has(read, " 405 ") && has(read, "\r\nAllow: POST\r\n")) << read;
  const std::string head =
      client().send("HEAD /clientresp HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end();
  EXPECT_TRUE(has(head, " 405 ") && head.ends_with("\r\n\r\n")) << head;
}

}  // namespace
}  // namespace plotbridge::http
