// Concern: where a producer goes on is told, and who would leave a gap, is late or is polite is
// refused with the reason; nobody else sees anything of it.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::http {
namespace {

using StreamPositionTest = NumberedClientTest;

TEST_F(StreamPositionTest, SkipsWhatItHasAndRefusesAGap) {
  start();
  auto one = bridge(0);
  one.send(chunk(lines(0, 4))).send(kLastChunk);
  expect_end(one.read_to_end(), 4, "done", 200);
  auto again = bridge(2);
  again.send(chunk(lines(2, 6))).send(kLastChunk);
  expect_end(again.read_to_end(), 6, "done", 200);
  EXPECT_TRUE(has(get("/apigetfile/plant/1"), R"("y":[0,1,2,3,4,5])"));
  EXPECT_EQ(server->stats().skipped_lines, 2U);
  EXPECT_EQ(server->stats().lines, 6U);
  const std::string gap = bridge(7).read_to_end();
  EXPECT_TRUE(gap.starts_with("HTTP/1.1 409 Conflict\r\n")) << gap;
  EXPECT_TRUE(has(gap, "\r\nStream-Close: gap\r\nStream-Seq-Next: 6\r\n")) << gap;
  bridge(6, "", 5).send(kLastChunk).read_to_end();
  const std::string fenced = bridge(6, "", 4).read_to_end();
  EXPECT_TRUE(fenced.starts_with("HTTP/1.1 409 Conflict\r\n")) << fenced;
  EXPECT_TRUE(has(fenced, "\r\nStream-Close: fenced\r\nStream-Seq-Next: 6\r\n")) << fenced;
}

TEST_F(StreamPositionTest, PoliteClientsEvictNobody) {
  start();
  auto holder = stream();
  plots_with("\"state\":\"live\"");
  const std::string numbered = bridge(0, "Stream-Connect: polite\r\n").read_to_end();
  EXPECT_TRUE(has(numbered, " 423 Locked\r\n")) << numbered;
  EXPECT_TRUE(has(numbered, "\r\nStream-Close: evicted\r\nStream-Seq-Next: 0\r\n")) << numbered;
  const std::string plain =
      client()
          .send(
              "POST / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n"
              "Stream-Connect: polite\r\nTransfer-Encoding: chunked\r\n\r\n")
          .read_to_end();
  EXPECT_TRUE(has(plain, " 423 Locked\r\n")) << plain;
  EXPECT_TRUE(has(plain, "\r\nStream-Close: evicted\r\n")) << plain;
  EXPECT_FALSE(has(plain, "Stream-Seq-Next")) << plain;
  EXPECT_TRUE(has(plots_with("\"state\":\"live\""), "\"evictions\":0"));
  // Where nobody is it is as any other.
  auto first = bridge(0, "Stream-Connect: polite\r\n", 1, "9f0c", "another");
  first.read_until("Stream-Ack: 1\r\n");
  // And a takeover is what everybody does.
  bridge(0, "Stream-Connect: takeover\r\n").read_until("Stream-Ack: 1\r\n");
}

TEST_F(StreamPositionTest, HeadTellsWhereToGoOn) {
  endpoint::Options options;
  options.open = false;
  options.streams.push_back({"boiler", Secret("abcdefghij")});
  start(options);
  bridge(0).send(chunk(lines(0, 3))).send(kLastChunk).read_to_end();
  const std::string known = head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n");
  EXPECT_TRUE(known.starts_with("HTTP/1.1 200 OK\r\n")) << known;
  EXPECT_TRUE(has(known, "\r\nStream-Seq-Next: 3\r\n")) << known;
  EXPECT_TRUE(has(known, "\r\nContent-Length: 0\r\nConnection: close\r\n")) << known;
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: new\r\n"),
                  "\r\nStream-Seq-Next: 0\r\n"));
  EXPECT_TRUE(has(head_of("plotly-streamtoken: zzzzzzzzzz\r\nStream-Producer: 9f0c\r\n"),
                  "HTTP/1.1 404 Not Found\r\n"));
  EXPECT_TRUE(has(head_of("Origin: https://example.com\r\nplotly-streamtoken: abcdefghij\r\n"
                          "Stream-Producer: 9f0c\r\n"),
                  "HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_TRUE(has(head_of("Stream-Producer: 9f0c\r\n"), "HTTP/1.1 406 Not Acceptable\r\n"));
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\n"), "HTTP/1.1 405 Method"));
  // Without both it is the page's.
  const std::string page = get("/").substr(0, 15);
  EXPECT_EQ(client().send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end().substr(0, 15),
            page);
}

TEST_F(StreamPositionTest, HeadMakesNoStreamAndEvictsNobody) {
  start();
  auto holder = bridge(0);
  plots_with("\"state\":\"live\"");
  head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: another\r\n");
  const std::string unknown = head_of("plotly-streamtoken: zz\r\nStream-Producer: 9f0c\r\n");
  EXPECT_TRUE(has(unknown, "\r\nStream-Seq-Next: 0\r\n")) << unknown;
  EXPECT_EQ(server->stats().streams_known, 1U);
  EXPECT_TRUE(has(plots_with("\"state\":\"live\""), "\"evictions\":0"));
}

TEST_F(StreamPositionTest, RefusesWhatCannotBeRead) {
  start();
  for (const char* const bad :
       {"Stream-Epoch: one\r\n", "Stream-Epoch: 4294967296\r\n", "Stream-Epoch: -1\r\n",
        "Stream-Seq: \r\n", "Stream-Seq: 18446744073709551616\r\n", "Stream-Seq: 1 2\r\n",
        "Stream-Producer: two words\r\n", "Stream-Producer: caf\xC3\xA9\r\n",
        "Stream-Producer:\r\n", "Stream-Connect: please\r\n",
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
