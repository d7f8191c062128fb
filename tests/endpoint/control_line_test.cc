// Concern: who numbers his lines says by lines of one form which one comes next and which never
// come; anything else, or from anybody else, is data. What has too many gaps is refused and changes
// nothing.
#include "plugin/model/control_line.h"

#include "plugin/base/range_set.h"
#include "plugin/endpoint/position_book.h"

#include "tests/endpoint/cut_up.h"
#include "tests/endpoint/numbered_upload_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

using ControlLineTest = NumberedUploadTest;

std::string seq(std::uint64_t offset, bool voids = false) {
  return to_text(ControlLine{offset, voids});
}

TEST(ControlLine, HasOneFormAndIsWrittenInIt) {
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{7}, kOffsetsEnd}) {
    for (const bool voids : {false, true}) {
      const ControlLine line{offset, voids};
      EXPECT_EQ(read_control_line(to_text(line)), line);
    }
  }
  EXPECT_EQ(to_text(ControlLine{12, false}), R"({"stream":{"seq":12}})");
  EXPECT_EQ(to_text(ControlLine{12, true}), R"({"stream":{"seq":12,"void":true}})");
  EXPECT_EQ(read_control_line(R"({"stream":{"seq":9223372036854775807}})")->seq, kOffsetsEnd);
}

const std::vector<std::string>& data_lines() {
  static const std::vector<std::string> kLines{R"({"stream":{"seq":5} })",
                                               R"({"stream":{"seq": 5}})",
                                               R"({"stream": {"seq":5}})",
                                               R"({ "stream":{"seq":5}})",
                                               R"( {"stream":{"seq":5}})",
                                               R"({"stream":{"seq":5}} )",
                                               "{\"stream\":{\"seq\":5}}\r",
                                               R"({"stream":{"seq":"5"}})",
                                               R"({"stream":{"seq":5.0}})",
                                               R"({"stream":{"seq":5e0}})",
                                               R"({"stream":{"seq":-5}})",
                                               R"({"stream":{"seq":9223372036854775808}})",
                                               R"({"stream":{"seq":99999999999999999999}})",
                                               R"({"stream":{"seq":5,"void":false}})",
                                               R"({"stream":{"seq":5,"void":true},"y":1})",
                                               R"({"stream":{"void":true,"seq":5}})",
                                               R"({"stream":{"seq":5},"y":1})",
                                               R"({"y":1,"stream":{"seq":5}})",
                                               R"({"Stream":{"seq":5}})",
                                               R"({"stream":{"\u0073eq":5}})",
                                               R"({"stream":{}})"};
  return kLines;
}

TEST(ControlLine, IsNoneInAnyOtherForm) {
  for (const std::string& line : data_lines()) EXPECT_FALSE(read_control_line(line)) << line;
  for (const char* const no_json :
       {"", "{\"stream\":{\"seq\":", R"({"stream":{"seq":5)", R"({"stream":{"seq":5}}})",
        R"({"stream":{"seq":05}})", R"({"stream":{"seq":00}})", R"({"stream":{"seq":+5}})",
        R"({"stream":{"seq":}})", R"({"stream":{"seq":0x5}})"}) {
    EXPECT_FALSE(read_control_line(no_json)) << no_json;
  }
}

TEST_F(ControlLineTest, SaysWhichLineComesNextHoweverItIsCut) {
  const std::string body = lines(0, 2) + chunk_of(seq(8)) + lines(8, 10) + chunk_of(seq(1)) +
                           lines(1, 4) + chunk_of(seq(4)) + lines(4, 5) + "0\r\n\r\n";
  for (const Pieces& way : ways_to_arrive(body)) {
    endpoint = std::make_unique<Endpoint>(Options{});
    auto upload = open(0);
    for (const std::string_view piece : way) upload->take(piece, now);
    ASSERT_EQ(upload->ended(), Status::kDone);
    ASSERT_EQ(have("bridge"), (Ranges{{0, 5}, {8, 10}}));
    ASSERT_EQ(upload->lines(), 7U);
    ASSERT_EQ(upload->skipped_lines(), 1U);
    expect_values("[0,1,8,9,2,3,4]");
    ASSERT_EQ(endpoint->streams()[0].lines, 7U) << "control lines are not counted";
    upload.reset();
  }
}

TEST_F(ControlLineTest, VoidsWhatIsPassedOver) {
  auto upload = open(0);
  upload->take(lines(0, 2) + chunk_of(seq(9, true)) + lines(9, 10), now);
  EXPECT_EQ(have("bridge"), (Ranges{{0, 10}}));
  expect_values("[0,1,9]");
  // Backwards, and where nothing is passed over, it is an ordinary one.
  upload->take(chunk_of(seq(4, true)) + lines(4, 5), now);
  EXPECT_EQ(upload->next(), 5U);
  EXPECT_EQ(upload->skipped_lines(), 1U);
  upload->take(chunk_of(seq(5, true)) + chunk_of(seq(20, true)), now);
  EXPECT_EQ(have("bridge"), (Ranges{{0, 20}})) << "some of it was there";
  upload->take(chunk_of(seq(kOffsetsEnd, true)), now);
  EXPECT_EQ(have("bridge"), (Ranges{{0, kOffsetsEnd}}));
  EXPECT_FALSE(upload->ended());
  // There is no offset any more.
  upload->take(lines(1, 2), now);
  EXPECT_EQ(upload->ended(), Status::kRanges);
  expect_values("[0,1,9]");
}

TEST_F(ControlLineTest, AsTheLastLineNeedsNoNewline) {
  auto upload = std::make_unique<Upload>(*endpoint, 1);
  const std::string body = line(0) + "\n" + seq(7, true);
  Upload::Head head{kToken, false, body.size()};
  head.wish.numbering = {"bridge", 1, 0};
  upload->start(head, now, kWall);
  upload->take(body, now);
  EXPECT_EQ(upload->ended(), Status::kDone);
  EXPECT_EQ(have("bridge"), (Ranges{{0, 7}}));
}

TEST_F(ControlLineTest, InAnyOtherFormIsALineWithItsOffset) {
  auto upload = open(0);
  for (const std::string& line : data_lines()) upload->take(chunk_of(line), now);
  EXPECT_FALSE(upload->ended());
  EXPECT_EQ(upload->lines(), data_lines().size());
  EXPECT_EQ(have("bridge"), (Ranges{{0, data_lines().size()}}));
}

TEST_F(ControlLineTest, OfWhoDoesNotNumberIsALine) {
  for (const std::string_view token : {kToken, std::string_view()}) {
    Upload plain(*endpoint, ++connection);
    plain.start({token, true}, now, kWall);
    const std::string name = token.empty() ? R"({"streamtoken":"abcdefghij","y":0})" : line(0);
    plain.take(chunk_of(name) + (token.empty() ? "" : chunk_of(seq(5))), now);
    EXPECT_FALSE(plain.ended());
    EXPECT_EQ(plain.lines(), token.empty() ? 1U : 2U);
    EXPECT_EQ(plain.position(), nullptr);
    if (token.empty()) {
      plain.take(chunk_of(seq(5, true)), now);
      EXPECT_EQ(plain.ended(), Status::kMissingToken) << "a line without a token";
    }
  }
  EXPECT_EQ(endpoint->positions().size(), 0U);
}

TEST_F(ControlLineTest, ThatBeginsARangeTooManyEndsTheStreamAndChangesNothing) {
  std::string body;
  for (std::uint64_t i = 0; i < PositionBook::kMostRanges; ++i) {
    body += chunk_of(seq(2 * i)) + lines(2 * i, 2 * i + 1);
  }
  open(0)->take(body, now);
  const Ranges full = have("bridge");
  ASSERT_EQ(full.size(), PositionBook::kMostRanges);
  const std::string before = window();
  const std::uint64_t beyond = 10 * PositionBook::kMostRanges;
  auto by_line = open(beyond);
  by_line->take(lines(beyond, beyond + 1), now);
  EXPECT_EQ(by_line->ended(), Status::kRanges);
  auto by_void = open(beyond);
  by_void->take(chunk_of(seq(beyond + 7, true)), now);
  EXPECT_EQ(by_void->ended(), Status::kRanges);
  EXPECT_EQ(have("bridge"), full);
  EXPECT_EQ(window(), before);
  // A gap is filled, which makes room for another range.
  auto filler = open(1);
  filler->take(lines(1, 2) + chunk_of(seq(beyond)) + lines(beyond, beyond + 1), now);
  EXPECT_FALSE(filler->ended());
  EXPECT_EQ(have("bridge").size(), PositionBook::kMostRanges);
}

// As many as a hostile client sends in a second: nothing of it may be quadratic.
TEST_F(ControlLineTest, CostsTheSameHoweverManyCome) {
  auto upload = open(0);
  std::string jumps;
  for (std::uint64_t i = 0; i < 1'000; ++i) jumps += chunk_of(seq(i % 2 == 0 ? kOffsetsEnd : 0));
  for (int i = 0; i < 1'000; ++i) upload->take(jumps, now);
  EXPECT_FALSE(upload->ended());
  EXPECT_EQ(have("bridge"), Ranges());
  // Alternate offsets, each range joined by the line behind it.
  for (std::uint64_t i = 0; i < 60'000; i += 1'000) {
    std::string body;
    for (std::uint64_t at = i; at < i + 1'000; at += 2) {
      body += chunk_of(seq(at + 1)) + chunk_of("{}") + chunk_of(seq(at)) + chunk_of("{}");
    }
    upload->take(body, now);
  }
  EXPECT_FALSE(upload->ended());
  EXPECT_EQ(have("bridge"), (Ranges{{0, 60'000}}));
}

}  // namespace
}  // namespace plotbridge::endpoint
