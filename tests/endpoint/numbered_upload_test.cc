// Concern: lines with numbers are applied once each and in order, whatever comes again, too early
// or from an older connection of their producer.
#include "plugin/endpoint/upload.h"

#include "tests/endpoint/cut_up.h"
#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;
constexpr WallTime kWall{1'795'452'000s};
constexpr std::string_view kToken = "abcdefghij";

class NumberedUploadTest : public ::testing::Test {
 protected:
  std::unique_ptr<Upload> open(std::uint64_t first, std::uint32_t epoch = 1,
                               std::string_view producer = "bridge", bool polite = false) {
    auto upload = std::make_unique<Upload>(*endpoint, ++connection);
    Upload::Head head{kToken, true};
    head.wish.numbering = {producer, epoch, first};
    head.wish.polite = polite;
    upload->start(head, now, kWall);
    return upload;
  }
  static std::string lines(int from, int to) {
    std::string body;
    for (int i = from; i < to; ++i) {
      const std::string line = R"({"y":)" + std::to_string(i) + "}\n";
      body += "0" + std::string(1, "0123456789abcdef"[line.size()]) + "\r\n" + line + "\r\n";
    }
    return body;
  }
  std::string window() { return endpoint->plot(1)->window(); }
  void expect_values(const std::string& values) {
    EXPECT_NE(window().find(R"("columns":{"y":)" + values + "}"), std::string::npos) << window();
  }

  std::unique_ptr<Endpoint> endpoint = std::make_unique<Endpoint>(Options{});
  ConnectionId connection = 0;
  TimePoint now = kStart;
};

TEST_F(NumberedUploadTest, counts_lines_and_neither_heartbeats_nor_blank_ones) {
  auto upload = open(0);
  ASSERT_NE(upload->position(), nullptr);
  upload->take("1\r\n\n\r\n" + lines(0, 2) + "3\r\n \r\n\r\n" + lines(2, 3) + "0\r\n\r\n", now);
  EXPECT_EQ(upload->ended(), Status::kDone);
  EXPECT_EQ(upload->next(), 3U);
  EXPECT_EQ(endpoint->standing(kToken, "bridge").next, 3U);
  EXPECT_EQ(endpoint->standing(kToken, "another").next, 0U);
  expect_values("[0,1,2]");
}

TEST_F(NumberedUploadTest, skips_what_was_applied_however_it_is_cut) {
  const std::string body = lines(1, 6) + "0\r\n\r\n";
  for (const Pieces& way : ways_to_arrive(body)) {
    endpoint = std::make_unique<Endpoint>(Options{});
    open(0)->take(lines(0, 4), now);
    auto again = open(1);
    for (const std::string_view piece : way) again->take(piece, now);
    ASSERT_EQ(again->ended(), Status::kDone);
    ASSERT_EQ(again->skipped_lines(), 3U);
    ASSERT_EQ(again->lines(), 2U);
    ASSERT_EQ(again->next(), 6U);
    expect_values("[0,1,2,3,4,5]");
    EXPECT_EQ(endpoint->streams()[0].lines, 6U);
    again.reset();
  }
}

TEST_F(NumberedUploadTest, hears_skipped_lines_as_a_sign_of_life) {
  open(0)->take(lines(0, 3), now);
  auto again = open(0);
  now += 50s;
  again->take(lines(0, 2), now);
  EXPECT_TRUE(endpoint->expire_idle(now + 30s).empty());
}

TEST_F(NumberedUploadTest, refuses_a_gap_and_says_what_is_wanted) {
  auto holder = open(0);
  holder->take(lines(0, 4), now);
  auto early = open(5);
  EXPECT_EQ(early->ended(), Status::kGap);
  EXPECT_TRUE(early->streams().empty());
  EXPECT_EQ(early->wanted(), 4U);
  EXPECT_TRUE(early->take_evicted().empty());
  EXPECT_FALSE(holder->ended());
  EXPECT_EQ(open(1, 1, "stranger")->ended(), Status::kGap);
  EXPECT_EQ(open(1, 1, "stranger")->wanted(), 0U);
}

TEST_F(NumberedUploadTest, makes_no_stream_for_a_gap) {
  EXPECT_EQ(open(1)->ended(), Status::kGap);
  EXPECT_EQ(endpoint->streams().size(), 0U);
  EXPECT_EQ(endpoint->standing(kToken, "bridge").status, Status::kDone);
  EXPECT_EQ(endpoint->streams().size(), 0U);
}

TEST_F(NumberedUploadTest, refuses_an_older_epoch_and_goes_on_with_a_newer_one) {
  auto second = open(0, 2);
  second->take(lines(0, 2), now);
  auto first = open(0, 1);
  EXPECT_EQ(first->ended(), Status::kFenced);
  EXPECT_EQ(first->wanted(), 2U);
  EXPECT_FALSE(second->ended());
  auto third = open(2, 3);
  const auto evicted = third->take_evicted();
  ASSERT_EQ(evicted.size(), 1U);
  EXPECT_EQ(evicted[0].status, Status::kFenced);
  EXPECT_TRUE(evicted[0].by_itself);
  third->take(lines(2, 3), now);
  expect_values("[0,1,2]");
}

TEST_F(NumberedUploadTest, takes_its_own_stream_back_without_a_contest) {
  auto last = open(0);
  for (int i = 0; i < 20; ++i) {
    auto next = open(0);
    ASSERT_FALSE(next->ended());
    const auto evicted = next->take_evicted();
    ASSERT_EQ(evicted.size(), 1U);
    EXPECT_EQ(evicted[0].status, Status::kEvicted);
    EXPECT_TRUE(evicted[0].by_itself);
    last->end(evicted[0].status);
    last = std::move(next);
  }
  EXPECT_EQ(endpoint->streams()[0].evictions, 0U);
  // With others there is one.
  EXPECT_FALSE(open(0, 1, "rival")->ended());
  EXPECT_EQ(endpoint->streams()[0].evictions, 1U);
}

TEST_F(NumberedUploadTest, is_damped_against_another_producer) {
  auto ours = open(0);
  auto rival = open(0, 1, "rival");
  ours->end(rival->take_evicted()[0].status);
  now += 1s;
  EXPECT_EQ(open(0)->ended(), Status::kEvicted);
  EXPECT_FALSE(rival->ended());
}

TEST_F(NumberedUploadTest, polite_ones_evict_nobody_but_themselves) {
  auto ours = open(0);
  auto polite = open(0, 1, "another", true);
  EXPECT_EQ(polite->ended(), Status::kEvicted);
  EXPECT_TRUE(polite->take_evicted().empty());
  EXPECT_EQ(polite->wanted(), 0U);
  const auto newer = open(0, 2, "bridge", true);
  EXPECT_FALSE(newer->ended());
  Upload plain(*endpoint, 99);
  Upload::Head head{kToken, true};
  head.wish.polite = true;
  plain.start(head, now, kWall);
  EXPECT_EQ(plain.ended(), Status::kEvicted);
  EXPECT_EQ(plain.position(), nullptr);
}

TEST_F(NumberedUploadTest, ends_at_a_bad_line_with_its_number) {
  auto upload = open(0);
  upload->take(lines(0, 2) + "4\r\nabc\n\r\n" + lines(3, 4), now);
  EXPECT_EQ(upload->ended(), Status::kBadLine);
  EXPECT_EQ(upload->next(), 2U);
  expect_values("[0,1]");
}

TEST_F(NumberedUploadTest, wants_a_token_in_its_head) {
  Upload upload(*endpoint, 1);
  Upload::Head head{"", true};
  head.wish.numbering = {"bridge", 1, 0};
  upload.start(head, now, kWall);
  EXPECT_EQ(upload.ended(), Status::kMissingToken);
}

TEST_F(NumberedUploadTest, standing_is_judged_as_an_upload_would_be) {
  Options closed;
  closed.open = false;
  closed.streams.push_back({"boiler", Secret("abcdefghij")});
  const Endpoint strict(std::move(closed));
  EXPECT_EQ(strict.standing("abcdefghij", "bridge").status, Status::kDone);
  EXPECT_EQ(strict.standing("zzzzzzzzzz", "bridge").status, Status::kUnknownToken);
}

TEST_F(NumberedUploadTest, ordinary_clients_take_part_without_a_number) {
  auto ours = open(0);
  ours->take(lines(0, 1), now);
  Upload plain(*endpoint, 77);
  plain.start({kToken, true}, now, kWall);
  const auto evicted = plain.take_evicted();
  ASSERT_EQ(evicted.size(), 1U);
  EXPECT_FALSE(evicted[0].by_itself);
  plain.take(lines(8, 9), now);
  EXPECT_EQ(endpoint->standing(kToken, "bridge").next, 1U);
}

}  // namespace
}  // namespace plotbridge::endpoint
