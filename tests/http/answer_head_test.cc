// Concern: what an answer's head says of the future is read as servers write it, and nothing of it
// shows a secret.
#include "plugin/http/answer_head.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

// Mon, 23 Nov 2026 16:40:00 GMT
constexpr WallTime kNow{std::chrono::seconds(1'795'452'000)};

AnswerHead read(std::initializer_list<std::string_view> lines) {
  AnswerHead head;
  for (const std::string_view line : lines) EXPECT_TRUE(head.read(line, kNow));
  return head;
}

TEST(AnswerHead, FinalStatusIsTheFirstThatIsNotInterim) {
  EXPECT_EQ(read({"HTTP/1.1 102 Processing\r\n", "\r\n"}).status(), 0);
  EXPECT_EQ(read({"HTTP/1.1 102 Processing\r\n", "\r\n", "HTTP/1.1 423 Locked\r\n"}).status(), 423);
  EXPECT_EQ(read({"HTTP/1.1 423\r\n"}).status(), 423);
  EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n", "\r\n", "HTTP/1.1 404 Trailer\r\n"}).status(), 200);
  EXPECT_EQ(read({"HTTP/1.1\r\n"}).status(), 0);
}

TEST(AnswerHead, NamesAreReadInAnyCase) {
  const auto head = read({"HTTP/1.1 503 x\r\n", "RETRY-AFTER:\t7 \r\n", "location: /there\r\n",
                          "stream-close: evicted\r\n", "\r\n"});
  EXPECT_EQ(head.retry_after(), 7s);
  EXPECT_EQ(head.location(), "/there");
  EXPECT_TRUE(head.names_evictions());
  EXPECT_FALSE(read({"HTTP/1.1 200 OK\r\n", "Upstream-Close: x\r\n"}).names_evictions());
  EXPECT_TRUE(read({"HTTP/1.1 102 x\r\n", "Stream-Ack: 2\r\n"}).names_evictions());
}

TEST(AnswerHead, OfThisVersionAloneIsOneThatAcknowledges) {
  EXPECT_TRUE(read({"HTTP/1.1 200 OK\r\n", "stream-ack: 2 \r\n", "\r\n"}).acknowledges());
  EXPECT_FALSE(read({"HTTP/1.1 200 OK\r\n", "Stream-Ack: 1\r\n"}).acknowledges());
  EXPECT_FALSE(read({"HTTP/1.1 200 OK\r\n", "Stream-Ack: 20\r\n"}).acknowledges());
  EXPECT_FALSE(read({"HTTP/1.1 401 x\r\n", "Stream-Ack: 2\r\n"}).acknowledges());
  EXPECT_TRUE(read({"HTTP/1.1 401 x\r\n", "Stream-Ack: 2\r\n"}).says_it_acknowledges());
  EXPECT_EQ(read({"HTTP/1.1 200 OK\r\n", "Stream-Have: 0-5,7-9 \r\n"}).have(), "0-5,7-9");
}

TEST(AnswerHead, WhatAnInterimAnswerAsksForIsNotTheEndsOwn) {
  const auto head =
      read({"HTTP/1.1 103 x\r\n", "Retry-After: 9\r\n", "\r\n", "HTTP/1.1 503 x\r\n"});
  EXPECT_EQ(head.retry_after(), std::nullopt);
}

TEST(AnswerHead, HeadWithoutEndIsTooMuchAndInterimHeadsAreCountedEach) {
  AnswerHead head;
  const std::string line(1000, 'x');
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(head.read("HTTP/1.1 102 x\r\n", kNow));
    ASSERT_TRUE(head.read(line, kNow));
  }
  ASSERT_TRUE(head.read("HTTP/1.1 200 OK\r\n", kNow));
  int lines = 0;
  while (head.read(line, kNow) && lines < 1000) ++lines;
  EXPECT_EQ(lines, 65);
}

TEST(RetryAfter, IsSecondsOrADate) {
  const auto parse = [](std::string_view text) { return parse_retry_after(text, kNow); };
  EXPECT_EQ(parse("0"), 0s);
  EXPECT_EQ(parse("120"), 120s);
  EXPECT_EQ(parse("1.5"), 1s);
  EXPECT_EQ(parse("Mon, 23 Nov 2026 16:41:30 GMT"), 90s);
  EXPECT_EQ(parse("Monday, 23-Nov-26 16:41:30 GMT"), 90s);
  EXPECT_EQ(parse("Mon Nov 23 16:41:30 2026"), 90s);
}

TEST(RetryAfter, ThatIsHugeIsADay) {
  for (const char* huge :
       {"86401", "99999999999", "99999999999999999999999999", "Mon, 23 Nov 2037 16:41:30 GMT"}) {
    EXPECT_EQ(parse_retry_after(huge, kNow), 24h) << huge;
  }
}

TEST(RetryAfter, ThatLiesBehindIsNow) {
  for (const char* past : {"-1", "-99999999999999999999999999", "Mon, 23 Nov 2026 16:39:00 GMT",
                           "Thu, 01 Jan 1970 00:00:00 GMT"}) {
    EXPECT_EQ(parse_retry_after(past, kNow), 0s) << past;
  }
}

TEST(RetryAfter, ThatSaysNothingIsNone) {
  for (const char* garbage : {"", "soon", "7 apples", "0x10", "1e3", "++1", "\xff\xfe", "--"}) {
    EXPECT_EQ(parse_retry_after(garbage, kNow), std::nullopt) << garbage;
  }
}

TEST(Location, ShowsNoCredentialsAndNoQuery) {
  EXPECT_EQ(showable_location("https://login.example/a/b?token=x#y"), "https://login.example/a/b");
  EXPECT_EQ(showable_location("https://edge:hun@ter2@login.example/a@b"),
            "https://login.example/a@b");
  EXPECT_EQ(showable_location("//edge:hunter2@login.example"), "//login.example");
  EXPECT_EQ(showable_location("/login?token=x"), "/login");
  EXPECT_EQ(showable_location("a\x1b[2J\xff b"), "a[2Jb");
  EXPECT_EQ(showable_location(""), "");
}

TEST(WithoutSecret, IsReplacedWhereverItBeginsInWhatIsShown) {
  EXPECT_EQ(without_secret("no such token: abcdef!", "abcdef", 100), "no such token: [token]!");
  EXPECT_EQ(without_secret("abcdefabcdef", "abcdef", 100), "[token][token]");
  EXPECT_EQ(without_secret("12345abcdef", "abcdef", 8), "12345[token]");
  EXPECT_EQ(without_secret("12345abcdef678", "abcdef", 4), "1234");
  EXPECT_EQ(without_secret("abc", "", 100), "abc");
}

}  // namespace
}  // namespace plotbridge::http
