// Concern: who numbers his lines hears over the wire which of them are kept, at once and then what
// is new, and at last exactly why it ended.
#include "plugin/http/http_message.h"

#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;
using AcknowledgementTest = NumberedClientTest;

TEST_F(AcknowledgementTest, IsAnsweredAtOnceAndToldWhatIsNew) {
  start();
  auto one = bridge(0);
  EXPECT_EQ(one.read_until("}\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\nCache-Control: no-store\r\n"
            "Stream-Ack: 2\r\nStream-Durability: memory\r\n" +
                std::string(kHeadersOfAll) + "\r\n" + have_line(""));
  one.send(chunk(lines(0, 1)));
  EXPECT_EQ(one.read_until("}\n\r\n"), have_line("[0,1]"));
  one.send(chunk("\n")).send(chunk(lines(1, 3)));
  EXPECT_EQ(one.read_until("}\n\r\n"), have_line("[0,3]"));
  one.send(chunk(control(7) + lines(7, 9)));
  EXPECT_EQ(one.read_until("}\n\r\n"), have_line("[7,9]")) << "the other is as it was";
  one.send(chunk(control(3) + lines(3, 4) + control(20, true) + control(30) + lines(30, 31)));
  EXPECT_EQ(one.read_until("}\n\r\n"), have_line("[0,20],[30,31]"));
  one.send(kLastChunk);
  EXPECT_EQ(one.read_to_end(), last_word("", "done", 200));
  EXPECT_EQ(server->stats().lines, 7U) << "of points";
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kDone)], 1U);
}

TEST_F(AcknowledgementTest, BeginsWithAllThatIsKept) {
  start();
  bridge(2).send(chunk(lines(2, 4) + control(9) + lines(9, 10))).send(kLastChunk).read_to_end();
  auto again = bridge(0);
  EXPECT_TRUE(again.read_until("}\n\r\n").ends_with(have_line("[2,4],[9,10]")));
  again.send(chunk(lines(0, 4))).send(kLastChunk);
  EXPECT_EQ(again.read_to_end(), last_word("[0,4]", "done", 200));
  EXPECT_EQ(server->stats().skipped_lines, 2U);
  auto other = bridge(0, "", 1, "another");
  EXPECT_TRUE(other.read_until("}\n\r\n").ends_with(have_line("")));
}

// Found with Caddy: an answer that begins early makes it throw away lines that come just then, and
// those behind them had the offsets of others.
TEST_F(AcknowledgementTest, ThroughAProxyComesOnlyByHead) {
  start();
  auto one = bridge(0, "X-Forwarded-For: 192.0.2.7\r\n");
  one.send(chunk(lines(0, 3)));
  plots_with("\"lines\":3");
  one.send(kLastChunk);
  const std::string answer = one.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_FALSE(has(answer, "have")) << answer;
  auto again = bridge(1);
  EXPECT_TRUE(again.read_until("}\n\r\n").ends_with(have_line("[0,3]"))) << "they are counted";
}

TEST_F(AcknowledgementTest, ComesAtMostFiveTimesASecondForFewLines) {
  start();
  const auto opened = std::chrono::steady_clock::now();
  auto one = bridge(0);
  for (int i = 0; i < 60; ++i) {
    one.send(chunk(lines(i, i + 1)));
    plots_with("\"lines\":" + std::to_string(i + 1));
  }
  one.send(kLastChunk);
  const std::string answer = one.read_to_end();
  const auto periods = (std::chrono::steady_clock::now() - opened) / 200ms;
  EXPECT_LE(count(answer, "{\"have\": "), static_cast<std::size_t>(periods) + 3) << answer;
  expect_end(answer, "[0,60]", "done", 200);
}

TEST_F(AcknowledgementTest, ComesAtOnceForAThousandLines) {
  start_with_disk();
  auto one = bridge(0);
  EXPECT_TRUE(has(one.read_until("}\n\r\n"), "\r\nStream-Durability: process\r\n"));
  for (int i = 0; i < 5; ++i) {
    one.send(chunk(lines(i * 1000, (i + 1) * 1000)));
    plots_with("\"lines\":" + std::to_string((i + 1) * 1000));
    commit();
    EXPECT_EQ(one.read_until("}\n\r\n"), have_line("[0," + std::to_string((i + 1) * 1000) + "]"));
  }
}

TEST_F(AcknowledgementTest, SaysWhatOutlivesIt) {
  endpoint::Options synced;
  synced.saved.emplace();
  synced.synced = true;
  start(std::move(synced));
  EXPECT_TRUE(has(bridge(0).read_until("\r\n\r\n"), "\r\nStream-Durability: disk\r\n"));
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n"),
                  "\r\nStream-Durability: disk\r\n"));
}

TEST_F(AcknowledgementTest, SaysNothingThatIsNotKept) {
  start_with_disk();
  auto one = bridge(0);
  EXPECT_TRUE(one.read_until("}\n\r\n").ends_with(have_line("")));
  one.send(chunk(lines(0, 2) + control(5) + lines(5, 6)));
  plots_with("\"lines\":3");
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n"),
                  "\r\nStream-Have: \r\n"));
  commit();
  EXPECT_EQ(one.read_until("}\n\r\n"), have_line("[0,2],[5,6]"));
  EXPECT_TRUE(has(head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n"),
                  "\r\nStream-Have: 0-2,5-6\r\n"));
  one.send(chunk(control(2) + lines(2, 3))).send(kLastChunk);
  plots_with("\"state\":\"closed\"");
  EXPECT_GE(hurried, 1);
  commit();
  EXPECT_EQ(one.read_to_end(), last_word("[0,3]", "done", 200));
}

// What a newer connection of the same producer applies is none of the older one's business.
TEST_F(AcknowledgementTest, EndsOnceItsOwnLinesAreKeptThoughOthersGoOn) {
  start_with_disk();
  auto one = bridge(0);
  EXPECT_TRUE(one.read_until("}\n\r\n").ends_with(have_line("")));
  one.send(chunk(lines(0, 2))).send(kLastChunk);
  plots_with("\"state\":\"closed\"");
  auto next = bridge(2);
  next.read_until("}\n\r\n");
  next.send(chunk(lines(2, 3)));
  plots_with("\"lines\":3");
  std::uint64_t ticket = 0;
  loop.call([&] { ticket = endpoint->take_changes().ticket; });
  next.send(chunk(lines(3, 4)));
  plots_with("\"lines\":4");
  loop.call([&] {
    endpoint->changes_kept();
    server->kept(ticket);
  });
  EXPECT_EQ(one.read_to_end(), last_word("[0,3]", "done", 200));
}

TEST_F(AcknowledgementTest, EndsWithWhatIsKeptWhenTheDiskStandsStill) {
  EndpointServer::Options options;
  options.patience = 50ms;
  start_with_disk(options);
  auto one = bridge(0);
  one.send(chunk(lines(0, 2)));
  plots_with("\"lines\":2");
  commit();
  one.send(chunk(lines(2, 3))).send(kLastChunk);
  expect_end(one.read_to_end(), "[0,2]", "limit", 503);
  auto bad = bridge(3);
  bad.send(chunk("no JSON\n"));
  expect_end(bad.read_to_end(), "[0,2]", "limit", 503);
}

TEST_F(AcknowledgementTest, NamesTheBadLineOnceAllBeforeItAreKept) {
  start_with_disk();
  auto one = bridge(0);
  one.send(chunk(lines(0, 2) + control(70) + lines(70, 71) + "no JSON\n" + lines(72, 73)));
  plots_with("\"state\":\"closed\"");
  commit();
  expect_end(one.read_to_end(), "[0,2],[70,71]", "bad-line", 422, ", \"seq\": 71");
}

TEST_F(AcknowledgementTest, EndsWhereLinesWouldLeaveTooManyGaps) {
  start();
  auto one = bridge(0);
  std::string body;
  constexpr int kMost = static_cast<int>(endpoint::PositionBook::kMostRanges);
  for (int i = 0; i < kMost; ++i) body += control(2 * i) + lines(2 * i, 2 * i + 1);
  one.send(chunk(body)).send(chunk(control(9'999) + lines(9'999, 10'000)));
  const std::string answer = one.read_to_end();
  EXPECT_TRUE(has(answer, "], \"close\": \"ranges\", \"status\": 413}\n")) << answer;
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kRanges)], 1U);
  wait_until([&] { return server->stats().further_ranges == kMost - 1; }, "the gauge");
  // All of it in one line, which is less than a client takes.
  auto again = bridge(1);
  const std::string first = again.read_until("]]}\n\r\n");
  EXPECT_EQ(count(first.substr(first.find("{\"have\"")), "["), kMost + std::size_t{1});
  const std::string head = head_of("plotly-streamtoken: abcdefghij\r\nStream-Producer: 9f0c\r\n");
  const auto at = head.find("Stream-Have: 0-1,2-3,4-5,");
  ASSERT_NE(at, std::string::npos);
  const std::size_t length = head.find("\r\n", at) - at - std::string_view("Stream-Have: ").size();
  EXPECT_LE(length, 16'384U);
  EXPECT_GT(length, 16'300U);
}

TEST_F(AcknowledgementTest, OfALostBridgeAreNoRivalsHoweverOftenItComesBack) {
  start();
  auto first = bridge(0);
  first.read_until("}\n\r\n");
  auto second = bridge(0);
  second.read_until("}\n\r\n");
  EXPECT_EQ(first.read_to_end(), last_word("", "evicted", 423));
  auto third = bridge(0, "", 2);
  third.read_until("}\n\r\n");
  EXPECT_EQ(second.read_to_end(), last_word("", "fenced", 409));
  auto fourth = bridge(0, "", 2);
  fourth.read_until("\r\n\r\n");
  EXPECT_EQ(third.read_to_end(), last_word("", "evicted", 423));
  EXPECT_EQ(server->stats().evictions, 0U);
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kFenced)], 1U);
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kReplaced)], 2U);
  EXPECT_TRUE(has(plots_with("\"state\":\"live\""), "\"evictions\":0"));
}

TEST_F(AcknowledgementTest, IsToldOfItsEvictionByAnother) {
  start_with_disk();
  auto one = bridge(0);
  one.read_until("}\n\r\n");
  one.send(chunk(lines(0, 3)));
  plots_with("\"lines\":3");
  auto rival = stream();
  plots_with("\"evictions\":1");
  commit();
  EXPECT_EQ(one.read_to_end(), last_word("[0,3]", "evicted", 423));
  EXPECT_EQ(server->stats().evictions, 1U);
  // The contest: now it has to wait.
  const std::string refused = bridge(3).read_to_end();
  EXPECT_TRUE(has(refused, "HTTP/1.1 423 Locked\r\n")) << refused;
  EXPECT_TRUE(has(refused, "\r\nStream-Close: evicted\r\n")) << refused;
}

TEST_F(AcknowledgementTest, IsToldSoonOfItsEvictionThoughTheDiskStandsStill) {
  start_with_disk();
  auto one = bridge(0);
  one.read_until("}\n\r\n");
  one.send(chunk(lines(0, 3)));
  plots_with("\"lines\":3");
  auto rival = stream();
  EXPECT_EQ(one.read_to_end(), last_word("", "evicted", 423));
  EXPECT_GE(hurried, 1);
}

TEST_F(AcknowledgementTest, EndsWhenItIsSilent) {
  endpoint::Options options;
  options.idle_timeout = 100ms;
  start(options);
  auto one = bridge(0);
  one.send(chunk(lines(0, 1)));
  expect_end(one.read_to_end(), "[0,1]", "idle", 408);
}

TEST_F(AcknowledgementTest, EndsWhenItsFramingIsBroken) {
  start();
  auto one = bridge(0);
  one.send(chunk(lines(0, 1))).send("what is this\r\n");
  expect_end(one.read_to_end(), "[0,1]", "limit", 400);
}

TEST_F(AcknowledgementTest, IsToldThatTheServerStops) {
  start();
  auto one = bridge(0);
  one.read_until("}\n\r\n");
  one.send(chunk(lines(0, 2)));
  one.read_until(have_line("[0,2]"));
  server.reset();
  EXPECT_EQ(one.read_to_end(), last_word("", "restart", 503));
}

TEST_F(AcknowledgementTest, IsToldWhatWasKeptAfterTheLoopStopped) {
  start_with_disk();
  auto one = bridge(0);
  auto done = bridge(0, "", 1, "9f0c", "another");
  one.read_until("}\n\r\n");
  done.read_until("}\n\r\n");
  one.send(chunk(lines(0, 2)));
  done.send(chunk(lines(0, 3))).send(kLastChunk);
  plots_with("\"lines\":2");
  plots_with("\"lines\":3");
  plots_with("\"state\":\"closed\"");
  loop.stop();
  commit();
  server.reset();
  EXPECT_EQ(one.read_to_end(), last_word("[0,2]", "restart", 503));
  EXPECT_EQ(done.read_to_end(), last_word("[0,3]", "done", 200));
}

TEST_F(AcknowledgementTest, WithoutABodyIsDoneAtOnce) {
  start();
  const std::string answer =
      client()
          .send(
              "POST / HTTP/1.1\r\nHost: a\r\nplotly-streamtoken: abcdefghij\r\n"
              "Stream-Producer: 9f0c\r\nStream-Epoch: 1\r\nStream-Seq: 0\r\n"
              "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n")
          .read_to_end();
  EXPECT_TRUE(has(answer, "\r\nStream-Ack: 2\r\n")) << answer;
  expect_end(answer, "", "done", 200);
}

TEST_F(AcknowledgementTest, OfOrdinaryClientsIsTheAnswerWhichWaitsForWhatIsBeingWritten) {
  start_with_disk();
  auto plain = stream();
  plain.send(chunk(lines(0, 1)));
  plots_with("\"lines\":1");
  std::uint64_t ticket = 0;
  loop.call([&] { ticket = endpoint->take_changes().ticket; });
  plain.send(kLastChunk);
  plots_with("\"state\":\"closed\"");
  EXPECT_EQ(hurried, 1);
  loop.call([&] {
    endpoint->changes_kept();
    server->kept(ticket);
  });
  EXPECT_TRUE(has(plain.read_to_end(), " 200 OK"));
}

}  // namespace
}  // namespace plotbridge::http
