// Concern: what the endpoint has of a producer is told, and who is late or polite is refused with
// the reason; nobody else sees anything of it.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::http {
namespace {

using StreamPositionTest = NumberedClientTest;

constexpr std::string_view kOfStreams = "\r\nStream-Ack: 2\r\nStream-Durability: memory\r\n";

TEST_F(StreamPositionTest, SkipsWhatItHasAndAppliesTheRestAsItComes) {
  start();
  auto one = bridge(0);
  one.send(chunk(lines(0, 4))).send(kLastChunk);
  expect_end(one.read_to_end(), "[0,4]", "done", 200);
  auto again = bridge(2);
  again.send(chunk(lines(2, 6) + control(9) + lines(9, 10))).send(kLastChunk);
  expect_end(again.read_to_end(), "[0,6],[9,10]", "done", 200);
  auto rest = bridge(6);
  rest.send(chunk(lines(6, 11))).send(kLastChunk);
  expect_end(rest.read_to_end(), "[0,11]", "done", 200);
  EXPECT_TRUE(has(get("/apigetfile/plant/1"), R"("y":[0,1,2,3,4,5,9,6,7,8,10])"));
  EXPECT_EQ(server->stats().skipped_lines, 3U);
  EXPECT_EQ(server->stats().lines, 11U);
}

TEST_F(StreamPositionTest, FencesAnOlderEpoch) {
  start();
  bridge(6, "", 5).send(kLastChunk).read_to_end();
  const std::string fenced = bridge(6, "", 4).read_to_end();
  EXPECT_TRUE(fenced.starts_with("HTTP/1.1 409 Conflict\r\n")) << fenced;
  EXPECT_TRUE(has(fenced, "\r\nStream-Close: fenced\r\n")) << fenced;
}

// Who does not number is nobody whose control lines count.
TEST_F(StreamPositionTest, TakesControlLinesOfOthersForData) {
  start();
  bridge(0).send(chunk(lines(0, 1))).send(kLastChunk).read_to_end();
  auto plain = stream();
  plain.send(chunk(control(50, true) + lines(1, 2))).send(kLastChunk);
  EXPECT_TRUE(has(plain.read_to_end(), " 200 OK"));
  const std::string producer_alone =
      client()
          .send(
              "POST / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n"
              "Stream-Producer: 9f0c\r\nContent-Length: " +
              std::to_string(control(60, true).size()) + "\r\n\r\n" + control(60, true))
          .read_to_end();
  EXPECT_TRUE(has(producer_alone, " 200 OK")) << producer_alone;
  EXPECT_EQ(server->stats().lines, 4U);
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n"),
                  "\r\nStream-Have: 0-1\r\n"));
}

TEST_F(StreamPositionTest, PoliteClientsEvictNobody) {
  start();
  auto holder = stream();
  plots_with("\"state\":\"live\"");
  const std::string numbered = bridge(0, "Stream-Connect: polite\r\n").read_to_end();
  EXPECT_TRUE(has(numbered, " 423 Locked\r\n")) << numbered;
  EXPECT_TRUE(has(numbered, "\r\nStream-Close: evicted\r\n")) << numbered;
  const std::string plain =
      client()
          .send(
              "POST / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n"
              "Stream-Connect: polite\r\nTransfer-Encoding: chunked\r\n\r\n")
          .read_to_end();
  EXPECT_TRUE(has(plain, " 423 Locked\r\n")) << plain;
  EXPECT_TRUE(has(plain, "\r\nStream-Close: evicted\r\n")) << plain;
  EXPECT_TRUE(has(plots_with("\"state\":\"live\""), "\"evictions\":0"));
  // Where nobody is it is as any other.
  auto first = bridge(0, "Stream-Connect: polite\r\n", 1, "9f0c", "another");
  first.read_until("Stream-Ack: 2\r\n");
  // And a takeover is what everybody does.
  bridge(0, "Stream-Connect: takeover\r\n").read_until("Stream-Ack: 2\r\n");
}

TEST_F(StreamPositionTest, HeadTellsWhatIsKept) {
  endpoint::Options options;
  options.open = false;
  options.streams.push_back({"boiler", Secret("abcdefghij")});
  start(options);
  bridge(0).send(chunk(lines(0, 3) + control(5) + lines(5, 7))).send(kLastChunk).read_to_end();
  const std::string known = head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n");
  EXPECT_TRUE(known.starts_with("HTTP/1.1 200 OK\r\n")) << known;
  EXPECT_TRUE(has(known, "\r\nStream-Have: 0-3,5-7\r\n")) << known;
  EXPECT_TRUE(has(known, kOfStreams)) << known;
  EXPECT_TRUE(has(known, "\r\nContent-Length: 0\r\nConnection: close\r\n")) << known;
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: new\r\n"),
                  "\r\nStream-Have: \r\n"));
  const auto refused = [&](std::string_view headers, std::string_view status) {
    const std::string answer = head_of(headers);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::string(status) + " ")) << answer;
    EXPECT_TRUE(has(answer, kOfStreams)) << answer;
    EXPECT_FALSE(has(answer, "Stream-Have")) << answer;
  };
  refused("plotly-streamtoken: zzzzzzzzzz\r\nStream-Producer: 9f0c\r\n", "404");
  refused(
      "Origin: https://example.com\r\nplotly-streamtoken: abcdefghij\r\n"
      "Stream-Producer: 9f0c\r\n",
      "403");
  refused("Stream-Producer: 9f0c\r\n", "406");
  refused("plotly-streamtoken: abcdefghij\r\n", "405");
  EXPECT_EQ(server->stats().refused, 4U) << "as it is of a POST";
}

TEST_F(StreamPositionTest, HeadNeedsNoKeyOfAUserButAToken) {
  auto options = with_users({{"plant", "apikey1234"}}, false);
  options.open = false;
  options.streams.push_back({"boiler", Secret("abcdefghij")});
  start(std::move(options));
  bridge(0).send(chunk(lines(0, 3))).send(kLastChunk).read_to_end();
  for (const std::string_view key : {"", "Authorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n"}) {
    EXPECT_TRUE(has(
        head_of(std::string(key) + "plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n"),
        "\r\nStream-Have: 0-3\r\n"));
  }
  EXPECT_TRUE(has(head_of("plotly-streamtoken: zzzzzzzzzz\r\nStream-Producer: 9f0c\r\n"),
                  "HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(StreamPositionTest, EveryAnswerOfThePageSaysHowStreamsAreTaken) {
  start(with_users({{"plant", "apikey1234"}}, false));
  const std::string key = "Authorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n";
  const std::string wrong = "Authorization: Basic cGxhbnQ6d3Jvbmc=\r\n";
  for (const std::string method : {"GET", "HEAD"}) {
    const auto ask = [&](const std::string& headers) {
      return client().send(method + " / HTTP/1.1\r\n" + headers + "\r\n").read_to_end();
    };
    for (const auto& [headers, status] : {std::pair{"Host: 127.0.0.1\r\n" + key, "200"},
                                          {"Host: 127.0.0.1\r\n", "401"},
                                          {"Host: 127.0.0.1\r\n" + wrong, "401"},
                                          {"Host: evil.example\r\n", "403"}}) {
      const std::string answer = ask(headers);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::string(status) + " ")) << answer;
      EXPECT_EQ(count(answer, kOfStreams), 1U) << method << headers << answer;
    }
    const std::string page = ask("Host: 127.0.0.1\r\n" + key);
    const std::string etag = page.substr(
        page.find("ETag: ") + 6, page.find("\r\n", page.find("ETag: ")) - page.find("ETag: ") - 6);
    const std::string again = ask("Host: 127.0.0.1\r\nIf-None-Match: " + etag + "\r\n" + key);
    EXPECT_TRUE(again.starts_with("HTTP/1.1 304 ")) << again;
    EXPECT_TRUE(has(again, kOfStreams)) << again;
  }
  EXPECT_FALSE(has(get("/api/plots"), "Stream-")) << "nowhere else";
}

TEST_F(StreamPositionTest, HeadMakesNoStreamAndEvictsNobody) {
  start();
  auto holder = bridge(0);
  plots_with("\"state\":\"live\"");
  head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: another\r\n");
  const std::string unknown = head_of("plotly-streamtoken: zz\r\nStream-Producer: 9f0c\r\n");
  EXPECT_TRUE(has(unknown, "\r\nStream-Have: \r\n")) << unknown;
  EXPECT_EQ(server->stats().streams_known, 1U);
  std::size_t positions = 0;
  loop.call([&] { positions = endpoint->positions().size(); });
  EXPECT_EQ(positions, 1U);
  EXPECT_TRUE(has(plots_with("\"state\":\"live\""), "\"evictions\":0"));
}

TEST_F(StreamPositionTest, RefusesWhatCannotBeRead) {
  start();
  for (const char* const bad :
       {"Stream-Epoch: one\r\n", "Stream-Epoch: 4294967296\r\n", "Stream-Epoch: -1\r\n",
        "Stream-Seq: \r\n", "Stream-Seq: 18446744073709551616\r\n", "Stream-Seq: 1 2\r\n",
        "Stream-Seq: 9223372036854775808\r\n", "Stream-Producer: two words\r\n",
        "Stream-Producer: caf\xC3\xA9\r\n", "Stream-Producer:\r\n", "Stream-Connect: please\r\n",
        "Stream-Producer: "
        "01234567890123456789012345678901234567890123456789012345678901234\r\n"}) {
    const std::string answer =
        client()
            .send("POST / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n" +
                  std::string(bad) + "Content-Length: 8\r\n\r\n{\"y\":1}\n")
            .read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << bad << answer;
  }
}

TEST_F(StreamPositionTest, OrdinaryClientsSeeNothingOfIt) {
  start();
  const std::string of_all =
      "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n";
  const std::string some =
      client()
          .send(
              "POST / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n"
              "Stream-Producer: 9f0c\r\nStream-Epoch: 1\r\nContent-Length: 8\r\n\r\n{\"y\":1}\n")
          .read_to_end();
  EXPECT_EQ(some,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 27\r\n"
            "Connection: close\r\n" +
                of_all + "\r\nhealthy endpoint disconnect");
  const std::string old =
      client()
          .send(
              "POST / HTTP/1.0\r\nplotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n"
              "Stream-Epoch: 1\r\nStream-Seq: 9\r\nContent-Length: 8\r\n\r\n{\"y\":1}\n")
          .read_to_end();
  EXPECT_EQ(old, some);
  EXPECT_EQ(stream("abcdefghij" + std::string(300, 'x')).read_to_end(),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 35\r\nConnection: close\r\n" +
                of_all + "\r\nstreamtoken not registered or valid");
}

TEST_F(StreamPositionTest, RefusalsSayWhatFits) {
  endpoint::Options options;
  options.max_streams = 1;
  options.streams.push_back({"boiler", Secret("abcdefghij")});
  start(options);
  const std::string full = bridge(0, "", 1, "9f0c", "another").read_to_end();
  EXPECT_TRUE(has(full, " 503 ")) << full;
  EXPECT_TRUE(has(full, "\r\nStream-Close: limit\r\n")) << full;
  const std::string none = bridge(0, "", 1, "9f0c", std::string(300, 'z')).read_to_end();
  EXPECT_TRUE(has(none, " 404 ")) << none;
  EXPECT_FALSE(has(none, "Stream-")) << none;
}

}  // namespace
}  // namespace plotbridge::http
