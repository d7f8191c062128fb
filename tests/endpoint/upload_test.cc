// Concern: the bodies that official clients send become lines, however they are cut, and every
// ending has its status.
#include "plugin/endpoint/upload.h"

#include "plugin/model/protocol.h"

#include "tests/endpoint/cut_up.h"
#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;
constexpr WallTime kWall{1'795'452'000s};
constexpr std::string_view kToken = "abcdefghij";

struct Outcome {
  std::optional<Status> status;
  std::uint64_t lines = 0;
  std::string window;
};

Outcome run(const Upload::Head& head, const Pieces& pieces) {
  Endpoint endpoint{Options{}};
  Upload upload(endpoint, 1);
  upload.start(head, kStart, kWall);
  for (const std::string_view piece : pieces) upload.take(piece, kStart);
  const std::string window = endpoint.plot(1) != nullptr ? endpoint.plot(1)->window() : "";
  return {upload.ended(), upload.lines(), window};
}

void expect_upload(bool chunked, std::string_view body, std::uint64_t lines,
                   std::string_view columns) {
  const Upload::Head head{kToken, chunked, chunked ? 0 : body.size()};
  for (const Pieces& way : ways_to_arrive(body)) {
    const Outcome outcome = run(head, way);
    ASSERT_EQ(outcome.status, Status::kDone);
    ASSERT_EQ(outcome.lines, lines);
    ASSERT_NE(outcome.window.find(columns), std::string::npos) << outcome.window;
  }
}

TEST(Upload, TakesTheDocumentedExample) {
  expect_upload(true,
                "11\r\n{\"y\": 1, \"x\": 1}\n\r\n11\r\n{\"y\": 2, \"x\": 2}\n\r\n"
                "11\r\n{\"y\": 3, \"x\": 3}\n\r\n0\r\n\r\n",
                3, R"({"x":[1,2,3],"y":[1,2,3]})");
}

TEST(Upload, TakesWhatNodeSends) {
  expect_upload(true,
                "e\r\n{\"x\":0,\"y\":0}\n\r\n1d\r\n{\"x\":1,\"y\":1,\"text\":\"caf\xC3\xA9\"}\n\r\n"
                "1\r\n\n\r\n0\r\n\r\n",
                2, "{\"text\":[null,\"caf\xC3\xA9\"],\"x\":[0,1],\"y\":[0,1]}");
}

TEST(Upload, TakesWhatPythonSends) {
  expect_upload(
      true,
      "11\r\n{\"x\": 0, \"y\": 0}\n\r\n26\r\n{\"x\": 1, \"y\": 1, \"text\": \"caf\\u00e9\"}\n\r\n"
      "1\r\n\n\r\n\r\n0\r\n\r\n",
      2, R"({"text":[null,"caf\u00e9"],"x":[0,1],"y":[0,1]})");
}

TEST(Upload, TakesLinesSpreadOverChunksAsMatlabSendsThem) {
  expect_upload(true,
                "9\r\n{\"x\" : 0,\r\n9\r\n \"y\" : 0}\r\n9\r\n\n{\"x\" : 1\r\n9\r\n, \"y\" : 1\r\n"
                "2\r\n}\n\r\n0\r\n\r\n",
                2, R"({"x":[0,1],"y":[0,1]})");
}

TEST(Upload, TakesOneObjectOfKnownLengthWithoutANewline) {
  expect_upload(false, R"({"x":1,"y":2})", 1, R"({"x":[1],"y":[2]})");
}

TEST(Upload, IgnoresWhatFollowsTheBody) {
  const Outcome outcome = run({kToken, false, 13}, {"{\"x\":1,\"y\":2}{\"x\":9"});
  EXPECT_EQ(outcome.status, Status::kDone);
  EXPECT_EQ(outcome.lines, 1U);
}

TEST(Upload, EndsAtTheFirstLineThatIsNotJson) {
  const Outcome outcome =
      run({kToken, true}, {"8\r\n{\"y\":1}\n\r\n4\r\nabc\n\r\n8\r\n{\"y\":2}\n\r\n"});
  EXPECT_EQ(outcome.status, Status::kBadLine);
  EXPECT_EQ(outcome.lines, 1U);
}

TEST(Upload, EndsWhenALineHasNoEnd) {
  const std::string much(protocol::kMaxLineBytes + 2, ' ');
  const Outcome outcome = run({kToken, true}, {"fffffff\r\n", much});
  EXPECT_EQ(outcome.status, Status::kBadLine);
}

TEST(Upload, EndsWhenTheFramingIsBroken) {
  EXPECT_EQ(run({kToken, true}, {"{\"y\":1}\n"}).status, Status::kMalformed);
}

TEST(Upload, HalfALineDoesNotCountWhenTheClientIsGone) {
  Endpoint endpoint{Options{}};
  Upload upload(endpoint, 1);
  upload.start({kToken, true}, kStart, kWall);
  upload.take("9\r\n{\"y\":1}\n{\r\n", kStart);
  upload.end_of_input();
  EXPECT_EQ(upload.ended(), Status::kMalformed);
  EXPECT_EQ(upload.lines(), 1U);
}

TEST(Upload, WithoutATokenThereIsNoStream) {
  EXPECT_EQ(run({"", true}, {"8\r\n{\"y\":1}\n\r\n"}).status, Status::kMissingToken);
}

TEST(Upload, ALineMayNameItsTokenAsArduinoDoes) {
  const std::string_view body =
      "33\r\n{\"x\": 1234, \"y\": 512, \"streamtoken\": \"abcdefghij\"}\n\r\n"
      "35\r\n{\"x\": 1290, \"y\": 21.50, \"streamtoken\": \"klmnopqrst\"}\n\r\n0\r\n\r\n";
  Upload::Head head{"", true};
  head.time_zone = "America/Montreal";
  for (const Pieces& way : ways_to_arrive(body)) {
    Options options;
    options.local_time = [](std::string_view zone, WallTime at) {
      return std::string(zone) + ' ' + std::to_string((at - kWall) / 1ms);
    };
    Endpoint endpoint{options};
    Upload upload(endpoint, 1);
    upload.start(head, kStart, kWall);
    for (const std::string_view piece : way) upload.take(piece, kStart);
    ASSERT_EQ(upload.ended(), Status::kDone);
    ASSERT_EQ(upload.streams().size(), 2U);
    ASSERT_EQ(endpoint.plot(1)->window(),
              R"({"traces":[{"columns":{"x":["America/Montreal 0"],"y":[512]},"style":{"mode":)"
              R"("lines","name":"stream 1","type":"scatter"}}],"layout":{}})");
    ASSERT_NE(endpoint.plot(2)->window().find(R"("x":["America/Montreal 56"],"y":[21.50])"),
              std::string::npos);
    ASSERT_EQ(endpoint.streams().held(), 0U);
  }
}

TEST(Upload, ALineWithoutATokenAnywhereEndsIt) {
  Endpoint endpoint{Options{}};
  Upload upload(endpoint, 1);
  upload.start({"", true}, kStart, kWall);
  EXPECT_EQ(upload.ended(), std::nullopt);
  upload.take("8\r\n{\"y\":1}\n\r\n", kStart);
  EXPECT_EQ(upload.ended(), Status::kMissingToken);
  EXPECT_EQ(endpoint.streams().size(), 0U);
}

TEST(Upload, WhoNamesNoTokenIsTold406SoonButArduinoHasTime) {
  Endpoint endpoint{Options{}};
  Upload unknown(endpoint, 1);
  Upload arduino(endpoint, 2);
  unknown.start({"", true}, kStart, kWall);
  Upload::Head head{"", true};
  head.names_tokens_in_lines = true;
  arduino.start(head, kStart, kWall);
  unknown.expire(kStart + 499ms);
  EXPECT_EQ(unknown.ended(), std::nullopt);
  unknown.expire(kStart + 500ms);
  arduino.expire(kStart + 59s);
  EXPECT_EQ(unknown.ended(), Status::kMissingToken);
  EXPECT_EQ(arduino.ended(), std::nullopt);
  arduino.take("23\r\n{\"y\":1,\"streamtoken\":\"abcdefghij\"}\n\r\n", kStart + 59s);
  arduino.expire(kStart + 100s);
  EXPECT_EQ(arduino.ended(), std::nullopt);
  EXPECT_EQ(arduino.lines(), 1U);
}

TEST(Upload, ARelayLosesAllWhenOneOfItsTokensIsRefused) {
  Options options;
  options.open = false;
  options.streams.push_back({"known", Secret(std::string(kToken))});
  Endpoint endpoint{options};
  Upload relay(endpoint, 1);
  relay.start({"", true}, kStart, kWall);
  relay.take("23\r\n{\"y\":1,\"streamtoken\":\"abcdefghij\"}\n\r\n", kStart);
  EXPECT_EQ(endpoint.streams().held(), 1U);
  relay.take("23\r\n{\"y\":1,\"streamtoken\":\"zzzzzzzzzz\"}\n\r\n", kStart);
  EXPECT_EQ(relay.ended(), Status::kUnknownToken);
  EXPECT_EQ(endpoint.streams().held(), 0U);
}

TEST(Upload, AHeadsTokenCountsAndTheLinesOwnIsNotShown) {
  const Outcome outcome =
      run({kToken, true}, {"23\r\n{\"y\":1,\"streamtoken\":\"klmnopqrst\"}\n\r\n0\r\n\r\n"});
  EXPECT_EQ(outcome.lines, 1U);
  EXPECT_EQ(outcome.window.find("klmnop"), std::string::npos);
}

TEST(Upload, HeartbeatsKeepAStreamAliveButBareFramingDoesNot) {
  Endpoint endpoint{Options{}};
  Upload upload(endpoint, 1);
  upload.start({kToken, true}, kStart, kWall);
  upload.take("1\r\n\n\r\n", kStart + 50s);
  EXPECT_TRUE(endpoint.expire_idle(kStart + 109s).empty());
  upload.take("\r\n\r\n", kStart + 100s);
  EXPECT_EQ(endpoint.expire_idle(kStart + 110s).size(), 1U);
}

TEST(Upload, TheLoserOfATokenLeavesTheWinnerAlone) {
  Endpoint endpoint{Options{}};
  Upload winner(endpoint, 2);
  {
    Upload loser(endpoint, 1);
    loser.start({kToken, true}, kStart, kWall);
    loser.take("8\r\n{\"y\":1}\n\r\n", kStart);
    winner.start({kToken, true}, kStart, kWall);
    const auto evicted = winner.take_evicted();
    ASSERT_EQ(evicted.size(), 1U);
    EXPECT_EQ(evicted[0].connection, 1U);
    EXPECT_EQ(evicted[0].status, Status::kEvicted);
    EXPECT_FALSE(evicted[0].by_itself);
    loser.end(Status::kEvicted);
    loser.take("8\r\n{\"y\":2}\n\r\n", kStart);
    EXPECT_EQ(loser.lines(), 1U);
  }
  EXPECT_EQ(endpoint.streams().held(), 1U);
  winner.take("8\r\n{\"y\":3}\n\r\n", kStart);
  EXPECT_NE(endpoint.plot(1)->window().find(R"("y":[1,3])"), std::string::npos);
}

TEST(Upload, SaysWhenSomethingDidNotFit) {
  Endpoint endpoint{Options{}};
  Upload upload(endpoint, 1);
  std::string line = "{\"y\":1";
  for (int i = 0; i < 300; ++i) line += ",\"k" + std::to_string(i) + "\":1";
  line += "}";
  upload.start({kToken, false, line.size()}, kStart, kWall);
  upload.take(line, kStart);
  EXPECT_EQ(upload.ended(), Status::kDone);
  EXPECT_EQ(upload.cut_lines(), 1U);
}

}  // namespace
}  // namespace plotbridge::endpoint
