// Concern: official clients' streams over real sockets: taken as they come, ended with the
// published status, in good order even when the client goes on sending.
#include "tests/http/endpoint_server_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void expect_answer(const std::string& answer, std::string_view status_line, std::string_view body) {
  EXPECT_TRUE(answer.starts_with(status_line)) << answer;
  EXPECT_TRUE(has(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::string(body))) << answer;
}

TEST_F(EndpointServerTest, PythonClientIsTakenWithItsTwoHostsAndItsStrayLine) {
  start();
  auto python = stream();
  python.send(chunk("{\"x\": 0, \"y\": 5.50}\n"));
  plots_with("\"last\":\"5.50\"");
  python.send(chunk("{\"x\": 1, \"y\": 6}\n")).send(chunk("\n")).send("\r\n").send(kLastChunk);
  expect_answer(python.read_to_end(), "HTTP/1.1 200 OK\r\n", "healthy endpoint disconnect");
  EXPECT_TRUE(has(plots_with("\"lines\":2"), "\"state\":\"closed\""));
  EXPECT_EQ(server->stats().lines, 2U);
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kDone)], 1U);
}

TEST_F(EndpointServerTest, NodeClientIsTakenWithItsTokenBeforeTheHost) {
  start();
  auto node = client();
  node.send(
      "POST / HTTP/1.1\r\nplotly-streamtoken: abcdefghij\r\nHost: 127.0.0.1:18080\r\n"
      "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n{\"x\":0,\"y\":0}\n\r\n"
      "1\r\n\n\r\n0\r\n\r\n");
  expect_answer(node.read_to_end(), "HTTP/1.1 200 OK\r\n", "healthy endpoint disconnect");
}

TEST_F(EndpointServerTest, OneObjectWithoutANewlineIsTaken) {
  start();
  auto board = client();
  board.send(
      "POST / HTTP/1.1\r\nHost: stream.plot.ly\r\nConnection: keepalive\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nplotly-streamtoken: abcdefghij\r\n"
      "Content-Length: 13\r\n\r\n{\"x\":1,");
  board.send("\"y\":2}");
  expect_answer(board.read_to_end(), "HTTP/1.1 200 OK\r\n", "healthy endpoint disconnect");
  plots_with("\"lines\":1");
}

TEST_F(EndpointServerTest, ClientThatAsksIsToldToContinue) {
  start();
  auto curl = client();
  curl.send(
      "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n"
      "plotly-streamtoken: abcdefghij\r\n\r\n");
  curl.read_until("HTTP/1.1 100 Continue\r\n\r\n");
  curl.send(kLastChunk);
  expect_answer(curl.read_to_end(), "HTTP/1.1 200 OK\r\n", "healthy endpoint disconnect");
}

TEST_F(EndpointServerTest, HeadThatArrivesByteByByteIsTaken) {
  start();
  auto slow = client();
  const std::string all =
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
      "plotly-streamtoken: abcdefghij\r\n\r\n" +
      chunk("{\"y\":1}\n") + std::string(kLastChunk);
  for (const char c : all) slow.send({&c, 1});
  expect_answer(slow.read_to_end(), "HTTP/1.1 200 OK\r\n", "healthy endpoint disconnect");
}

TEST_F(EndpointServerTest, OlderConnectionIsToldOfItsEvictionAndTheWindowStays) {
  start();
  auto first = stream();
  first.send(chunk("{\"x\":1,\"y\":1}\n"));
  plots_with("\"lines\":1");
  auto second = stream();
  expect_answer(first.read_to_end(), "HTTP/1.1 423 Locked\r\n",
                "connection limit associated with this token has been reached");
  second.send(chunk("{\"x\":2,\"y\":2}\n"));
  const std::string plots = plots_with("\"lines\":2");
  EXPECT_TRUE(has(plots, "\"state\":\"live\"")) << plots;
  EXPECT_TRUE(has(plots, "\"evictions\":1")) << plots;
  auto page = client();
  page.send("GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  page.read_until(R"("columns":{"x":[1,2],"y":[1,2]})");
  EXPECT_EQ(server->stats().evictions, 1U);
  EXPECT_EQ(server->stats().streams_open, 1U);
}

TEST_F(EndpointServerTest, EvictedClientThatGoesOnSendingStillReadsItsAnswer) {
  start();
  auto first = stream();
  plots_with("\"state\":\"live\"");
  auto second = stream();
  plots_with("\"evictions\":1");
  for (int i = 0; i < 100; ++i) first.send(chunk("{\"x\":1,\"y\":1}\n"));
  expect_answer(first.read_to_end(), "HTTP/1.1 423 Locked\r\n",
                "connection limit associated with this token has been reached");
  EXPECT_EQ(server->stats().lines, 0U);
}

TEST_F(EndpointServerTest, SilentStreamEndsAndHeartbeatsKeepOneAlive) {
  endpoint::Options options;
  options.idle_timeout = 400ms;
  start(options);
  auto silent = stream("aaaaaaaaaa");
  auto beating = stream("bbbbbbbbbb");
  silent.send(chunk("{\"y\":1}\n"));
  const auto opened = std::chrono::steady_clock::now();
  std::string plots;
  do {
    beating.send(chunk("\n"));
    plots = get("/api/plots");
  } while (!has(plots, "\"closed\"") && std::chrono::steady_clock::now() < opened + 10s);
  EXPECT_GE(std::chrono::steady_clock::now() - opened, 350ms);
  EXPECT_TRUE(has(plots, "\"live\"")) << plots;
  expect_answer(silent.read_to_end(), "HTTP/1.1 408 Request Timeout\r\n", "timeout on active data");
}

TEST_F(EndpointServerTest, LineThatIsNotJsonEndsTheStreamAtOnce) {
  start();
  auto bad = stream();
  bad.send(chunk("{\"x\":1,\"y\":1}\n")).send(chunk("{\"x\":NaN}\n")).send(chunk("{\"y\":3}\n"));
  expect_answer(bad.read_to_end(), "HTTP/1.1 422 Unprocessable Entity\r\n",
                "json parse error: please stream newline seperated JSON");
  plots_with("\"lines\":1");
}

TEST_F(EndpointServerTest, LogSaysWhichLineIsNotJson) {
  ::testing::internal::CaptureStderr();
  start();
  auto bad = stream();
  bad.send(chunk("{\"y\":1}\n{\"y\":2}\n{\"y\": oops}\n"));
  bad.read_to_end();
  server.reset();  // all is logged
  EXPECT_TRUE(has(::testing::internal::GetCapturedStderr(), "hint=\"line 3 of this connection"));
}

TEST_F(EndpointServerTest, WhoOpensOneStreamAfterTheOtherDoesNotFillTheLog) {
  ::testing::internal::CaptureStderr();
  endpoint::Options options;
  options.streams.push_back({"boiler", Secret("abcdefghij")});
  start(std::move(options));
  const auto post = [&](const std::string& token) {
    RawClient(port)
        .send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\nplotly-streamtoken: " +
              token + "\r\n\r\n{\"y\":1}\n")
        .read_to_end();
  };
  for (int i = 0; i < 50; ++i) post("madeup" + std::to_string(i));
  for (int i = 0; i < 50; ++i) post("abcdefghij");
  server.reset();  // all is logged
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_LT(std::count(log.begin(), log.end(), '\n'), 10) << log;
  EXPECT_TRUE(has(log, "stream open stream=boiler"));
}

TEST_F(EndpointServerTest, BodyThatIsNotChunkedAsItSaysIsMalformed) {
  start();
  auto bad = stream();
  bad.send("{\"x\":1,\"y\":1}\n");
  expect_answer(bad.read_to_end(), "HTTP/1.1 400 Bad Request\r\n",
                "invalid or malformed request syntax");
}

TEST_F(EndpointServerTest, RequestsThatCannotStreamAreAnsweredBeforeTheirBody) {
  endpoint::Options options;
  options.open = false;
  options.streams.push_back({"boiler", Secret("abcdefghij")});
  start(options);
  expect_answer(stream("zzzzzzzzzz").read_to_end(), "HTTP/1.1 404 Not Found\r\n",
                "streamtoken not registered or valid");
  expect_answer(client()
                    .send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                    .read_to_end(),
                "HTTP/1.1 406 Not Acceptable\r\n",
                "bad request header: missing 'plotly-streamtoken'");
  expect_answer(client()
                    .send("PUT / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n")
                    .read_to_end(),
                "HTTP/1.1 405 Method Not Allowed\r\n",
                "bad request method: use POST for streaming");
  expect_answer(get("/", "Host: a\r\nplotly-streamtoken: abcdefghij\r\n"),
                "HTTP/1.1 405 Method Not Allowed\r\n",
                "bad request method: use POST for streaming");
  EXPECT_EQ(server->stats().refused, 4U);
  EXPECT_EQ(server->stats().streams_open, 0U);
}

TEST_F(EndpointServerTest, ClientThatHalfClosesAfterItsBodyIsAnswered) {
  start();
  auto polite = stream();
  polite.send(chunk("{\"y\":1}\n")).send(kLastChunk);
  polite.half_close();
  expect_answer(polite.read_to_end(), "HTTP/1.1 200 OK\r\n", "healthy endpoint disconnect");
}

TEST_F(EndpointServerTest, ClientThatHalfClosesWithinItsBodyIsToldSo) {
  start();
  auto rash = stream();
  rash.send(chunk("{\"y\":1}\n{\"y\":"));
  rash.half_close();
  expect_answer(rash.read_to_end(), "HTTP/1.1 400 Bad Request\r\n",
                "invalid or malformed request syntax");
  plots_with("\"lines\":1");
}

TEST_F(EndpointServerTest, ClientThatVanishesGivesItsStreamBack) {
  start();
  auto gone = stream();
  gone.send(chunk("{\"y\":1}\n"));
  plots_with("\"state\":\"live\"");
  gone.reset();
  plots_with("\"state\":\"closed\"");
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kLost)], 1U);
  auto again = stream();
  plots_with("\"state\":\"live\"");
  EXPECT_EQ(server->stats().evictions, 0U);
}

TEST_F(EndpointServerTest, GarbageIsRefused) {
  start();
  for (const char* const garbage :
       {"\x80\x03\x01\x02\r\n\r\n", "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: five\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nplotly-streamtoken: a\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nplotly-streamtoken: a\r\n\r\n"}) {
    expect_answer(client().send(garbage).read_to_end(), "HTTP/1.1 400 Bad Request\r\n",
                  "invalid or malformed request syntax");
  }
  const std::string much(20'000, 'a');
  expect_answer(client().send("GET / HTTP/1.1\r\nX: " + much).read_to_end(),
                "HTTP/1.1 431 Request Header Fields Too Large\r\n",
                "the request head is longer than 16 KiB");
}

TEST_F(EndpointServerTest, NoPageOfAnotherOriginMayWriteIntoAStream) {
  start();
  const auto post = [&](std::string_view host, std::string_view origin) {
    return client()
        .send("POST / HTTP/1.1\r\nHost: " + std::string(host) +
              "\r\nOrigin: " + std::string(origin) +
              "\r\nplotly-streamtoken: a\r\nContent-Length: 7\r\n\r\n{\"y\":1}")
        .read_to_end();
  };
  EXPECT_TRUE(has(post("127.0.0.1:8088", "https://example.com"), " 403 "));
  EXPECT_TRUE(has(post("127.0.0.1:8088", "null"), " 403 "));
  EXPECT_TRUE(has(post("example.com:8088", "http://example.com:8088"), " 403 "));
  EXPECT_TRUE(has(post("127.0.0.1:8088", "http://127.0.0.1:8088"), " 200 "));
}

TEST_F(EndpointServerTest, ManyStreamsAtOnce) {
  start();
  std::vector<RawClient> clients;
  for (int i = 0; i < 300; ++i) {
    clients.push_back(stream("token" + std::to_string(i)));
    clients.back().send(chunk("{\"y\":1}\n"));
  }
  for (auto& one : clients) one.send(chunk("{\"y\":2}\n")).send(kLastChunk);
  for (auto& one : clients) EXPECT_TRUE(has(one.read_to_end(), " 200 OK"));
  EXPECT_EQ(server->stats().lines, 600U);
  EXPECT_EQ(server->stats().streams_known, 300U);
  EXPECT_EQ(server->stats().streams_open, 0U);
}

TEST_F(EndpointServerTest, ConnectionsBeyondTheLimitAreClosedAtOnce) {
  EndpointServer::Options limits;
  limits.max_connections = 1;
  start({}, limits);
  auto first = stream();
  first.send(chunk("{\"y\":1}\n"));
  wait_until([&] { return server->stats().lines == 1; }, "the first is a stream");
  auto second = client();
  EXPECT_EQ(second.read_to_end(), "");
  EXPECT_EQ(ended(ConnectionEnd::kConnections), 1U);
  first.send(kLastChunk);
  EXPECT_TRUE(has(first.read_to_end(), " 200 OK"));
}

TEST_F(EndpointServerTest, ServerThatStopsWithStreamsOpenEndsThem) {
  start();
  auto open = stream();
  plots_with("\"state\":\"live\"");
  server.reset();
  open.read_to_end();
}

TEST_F(EndpointServerTest, LoopMayStopBeforeItsServerGoes) {
  start();
  auto open = stream();
  plots_with("\"state\":\"live\"");
  auto page = client();
  page.send("GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  page.read_until("event: window");
  loop.stop();
  server.reset();
  endpoint.reset();
  open.read_to_end();
}

}  // namespace
}  // namespace plotbridge::http
