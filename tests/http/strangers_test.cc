// Concern: who is nobody here makes the server hold little, and a web page of another origin
// nothing at all.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
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
  void send_large_lines(RawClient& source) const {
    for (int i = 0; i < 4; ++i) {
      source.send(chunk("{\"y\":" + std::to_string(i) + ",\"text\":\"" + std::string(500'000, 'a') +
                        "\"}\n"));
    }
    plots_with("\"lines\":4");
  }
  /// With plot 1, whose window is more than the system takes for a client that does not read.
  static endpoint::Options with_large_plot() {
    endpoint::Options options;
    endpoint::PlotOptions plot{"large", "{}", {}};
    for (int i = 0; i < 50; ++i) {
      options.streams.push_back({"s" + std::to_string(i), Secret("abcdefgh" + std::to_string(i))});
      plot.traces.push_back({options.streams.back().name, Secret(""), 20,
                             "{\"text0\":\"" + std::string(130'000, 'w') + "\"}"});
    }
    options.plots.push_back(std::move(plot));
    return options;
  }
  void wait_until_held(std::size_t bytes) const {
    wait_until([&] { return server->stats().connection_bytes >= bytes; }, "bytes are held");
  }
};

TEST_F(StrangersTest, AreRefusedBeforeTheirBodyIsRead) {
  start(with_users({{"plant", "apikey1234"}}, false));
  EXPECT_TRUE(has(post("/v2/grids", 8'000'000, 0).read_to_end(), " 401 "));
  EXPECT_TRUE(has(post("/apigetfile/plant/1", 8'000'000, 0).read_to_end(), " 401 "));
}

TEST_F(StrangersTest, HaveTheirHeadsCountedWhileTheirBodiesAreAwaited) {
  start({}, {});
  std::vector<RawClient> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(client());
    silent.back().send(
        "POST /clientresp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
        "User-Agent: " +
        std::string(15'000, 'u') + "\r\n\r\n");
  }
  wait_until_held(40 * 15'000);
}

TEST_F(StrangersTest, LoseTheirBodiesToTheNextOnesOnceTheirPoolIsFull) {
  EndpointServer::Options limits;
  limits.max_bytes = std::size_t{4} << 20;
  start({}, limits);
  auto first = post("/clientresp", 8'000'000, 700'000);
  wait_until_held(700'000);
  const std::string answer = post("/v2/grids", 300'000, 300'000).read_to_end();
  EXPECT_TRUE(has(answer, " 400 ")) << answer;  // read, and not understood
  EXPECT_EQ(first.read_something(), "");
  EXPECT_EQ(ended(ConnectionEnd::kMemory), 1U);
  EXPECT_LE(server->stats().unproved_bytes, limits.max_bytes / 4);
}

TEST_F(StrangersTest, TakeNoRoomFromTheLinesAndPlotsOfThoseWithATokenOrKey) {
  auto options = with_users({{"plant", "apikey1234"}}, false);
  options.open = false;
  options.streams = {{"s", Secret("abcdefghij")}};
  EndpointServer::Options limits;
  limits.max_bytes = std::size_t{4} << 20;
  start(std::move(options), limits);
  // Somebody whose key comes first in a long body, others behind him.
  auto user = client();
  const std::string form =
      "un=plant&key=apikey1234&origin=plot&kwargs={}&args=[" + std::string(600'000, ' ') + "]";
  user.send("POST /clientresp HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
            std::to_string(form.size()) + "\r\n\r\n" + form.substr(0, 500'000));
  wait_until([&] { return server->stats().connection_bytes >= 500'000; }, "the key is read");
  std::vector<RawClient> strangers;
  for (int i = 0; i < 9; ++i) strangers.push_back(post("/clientresp", 8'000'000, 700'000));
  wait_until([&] { return ended(ConnectionEnd::kMemory) >= 8; }, "the pool is full");
  auto line = stream();
  line.send(chunk("{\"x\":\"" + std::string(900'000, 'a') + "\"}\n")).send(kLastChunk);
  EXPECT_TRUE(has(line.read_to_end(), " 200 "));
  user.send(std::string_view(form).substr(500'000));
  const std::string plot = user.read_to_end();
  EXPECT_TRUE(has(plot, " 200 ")) << plot;
  EXPECT_FALSE(has(plot, "same time")) << plot;
}

TEST_F(StrangersTest, CannotHoldMoreConnectionsThanTheirPoolHas) {
  endpoint::Options options;
  options.open = false;
  options.streams = {{"s", Secret("abcdefghij")}};
  EndpointServer::Options limits;
  limits.max_unproved = 20;
  start(std::move(options), limits);
  auto line = stream();
  line.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  std::vector<RawClient> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(client());
  wait_until([&] { return ended(ConnectionEnd::kUnproved) >= 80; }, "the oldest go");
  EXPECT_LE(server->stats().unproved_connections, limits.max_unproved);
  EXPECT_EQ(silent.front().read_to_end(), "");
  line.send(chunk("{\"y\":2}\n")).send(kLastChunk);
  EXPECT_TRUE(has(line.read_to_end(), " 200 "));
  EXPECT_EQ(server->stats().lines, 2U);
}

TEST_F(StrangersTest, FindNoRoomForMoreLinesWithoutAnEndThanAServerCanHold) {
  EndpointServer::Options limits;
  limits.max_bytes = std::size_t{1} << 20;
  start({}, limits);
  const std::string piece = "{\"y\":\"" + std::string(500'000, 'a');
  auto first = stream("aaaaaaaaaa");
  auto second = stream("bbbbbbbbbb");
  first.send(chunk(piece));
  second.send(chunk(piece));
  // One of them has come too late; a line of ordinary length is taken all the same.
  auto third = stream("cccccccccc");
  third.send(chunk("{\"y\":1}\n")).send(kLastChunk);
  EXPECT_TRUE(has(third.read_to_end(), " 200 "));
  std::string ended_with;
  while (ended_with.empty()) {
    if (first.has_something()) ended_with = first.read_to_end();
    if (ended_with.empty() && second.has_something()) ended_with = second.read_to_end();
  }
  EXPECT_TRUE(has(ended_with, " 503 ")) << ended_with;
}

TEST_F(StrangersTest, WhoDoNotReadLoseTheirWindowsToTheNextOnes) {
  EndpointServer::Options limits;
  limits.max_bytes = std::size_t{32} << 20;  // a quarter takes one window
  start(with_large_plot(), limits);
  auto source = stream();
  std::vector<RawClient> readers;
  for (int i = 0; i < 20; ++i) {
    readers.emplace_back(port, 4096);
    readers.back().send("GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  wait_until([&] { return ended(ConnectionEnd::kMemory) >= 15; }, "the pool is full");
  EXPECT_LE(server->stats().unproved_bytes, limits.max_bytes / 4);
  EXPECT_TRUE(has(get("/apigetfile/x/1"), " 200 "));  // who reads gets all of it
  source.send(kLastChunk);
  EXPECT_TRUE(has(source.read_to_end(), " 200 "));
}

TEST_F(StrangersTest, GetAWindowThatIsLargerThanTheirPool) {
  EndpointServer::Options limits;
  limits.max_bytes = std::size_t{4} << 20;
  start(with_large_plot(), limits);
  const std::string watch = "GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  RawClient slow(port, 4096);
  slow.send(watch);
  wait_until_held(6'000'000);
  // One at a time.
  auto second = client();
  second.send(watch);
  EXPECT_GT(second.read_until("event: status").size(), limits.max_bytes / 4);
  EXPECT_EQ(ended(ConnectionEnd::kMemory), 1U);
}

TEST_F(StrangersTest, WhoReadAPlotAreSentItInPartsAndHoldNoMoreThanOne) {
  start();
  auto source = stream();
  send_large_lines(source);
  const std::string whole = get("/apigetfile/x/1");
  EXPECT_TRUE(has(whole, "\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(whole.ends_with("\r\n0\r\n\r\n"));
  EXPECT_GT(whole.size(), 2'000'000U);
  const std::string old =
      client().send("GET /apigetfile/x/1 HTTP/1.0\r\nHost: localhost\r\n\r\n").read_to_end();
  EXPECT_FALSE(has(old, "chunked"));
  EXPECT_TRUE(old.ends_with(R"(,"message":"","warning":"","error":""})"));
  std::vector<RawClient> readers;
  for (int i = 0; i < 50; ++i) {
    readers.emplace_back(port, 4096);
    readers.back().send("GET /v2/plots/1/content HTTP/1.1\r\nHost: localhost\r\n\r\n");
    readers.back().read_until("\r\n\r\n");
  }
  EXPECT_LE(server->stats().connection_bytes, std::size_t{50} * 300 * 1024);
  EXPECT_EQ(ended(ConnectionEnd::kMemory), 0U);
}

TEST_F(StrangersTest, OnAPageOfAnotherSiteTakeNoPlaceByAnImageOrAFrame) {
  start();
  stream().send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  for (const char* const site : {"cross-site", "same-site", "else"}) {
    const std::string from = "Host: localhost:8088\r\nSec-Fetch-Site: " + std::string(site) +
                             "\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n";
    for (const char* const path : {"/api/plots", "/api/plots/1/events", "/v2/plots/1/content"}) {
      const std::string answer = get(path, from);
      EXPECT_TRUE(has(answer, " 403 ")) << path << ' ' << answer;
    }
    EXPECT_TRUE(has(get("/", from), " 200 "));  // a link leads to the page
  }
  EXPECT_EQ(server->stats().watchers, 0U);
  EXPECT_EQ(ended(ConnectionEnd::kOtherSite), 9U);
  const std::string own = "Host: localhost:8088\r\nSec-Fetch-Site: same-origin\r\n";
  EXPECT_TRUE(has(get("/api/plots", own), " 200 "));
  EXPECT_TRUE(has(get("/api/plots", "Host: localhost\r\nSec-Fetch-Site: none\r\n"), " 200 "));
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
