// Concern: lines with numbers are applied once each, in the order in which they come, whatever
// comes again or comes from an older connection of their producer.
#include "plugin/endpoint/upload.h"

#include "tests/endpoint/cut_up.h"
#include "tests/endpoint/numbered_upload_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;

TEST_F(NumberedUploadTest, counts_lines_and_neither_heartbeats_nor_blank_ones) {
  auto upload = open(0);
  ASSERT_NE(upload->position(), nullptr);
  upload->take("1\r\n\n\r\n" + lines(0, 2) + "3\r\n \r\n\r\n" + lines(2, 3) + "0\r\n\r\n", now);
  EXPECT_EQ(upload->ended(), Status::kDone);
  EXPECT_EQ(upload->next(), 3U);
  EXPECT_EQ(have("bridge"), (Ranges{{0, 3}}));
  EXPECT_EQ(have("another"), Ranges());
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

TEST_F(NumberedUploadTest, begins_at_any_offset_and_fills_what_lies_before_later) {
  open(5)->take(lines(5, 7), now);
  EXPECT_EQ(have("bridge"), (Ranges{{5, 7}}));
  auto upload = open(2);
  upload->take(lines(2, 9), now);
  EXPECT_EQ(upload->skipped_lines(), 2U);
  EXPECT_EQ(upload->lines(), 5U);
  expect_values("[5,6,2,3,4,7,8]");
  EXPECT_EQ(have("bridge"), (Ranges{{2, 9}}));
}

TEST_F(NumberedUploadTest, refuses_an_older_epoch_and_goes_on_with_a_newer_one) {
  auto second = open(0, 2);
  second->take(lines(0, 2), now);
  auto first = open(0, 1);
  EXPECT_EQ(first->ended(), Status::kFenced);
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
  const auto newer = open(0, 2, "bridge", true);
  EXPECT_FALSE(newer->ended());
  Upload plain(*endpoint, 99);
  Upload::Head head{kToken, true};
  head.wish.polite = true;
  plain.start(head, now, kWall);
  EXPECT_EQ(plain.ended(), Status::kEvicted);
  EXPECT_EQ(plain.position(), nullptr);
}

TEST_F(NumberedUploadTest, ends_at_a_bad_line_with_its_offset) {
  auto upload = open(0);
  upload->take(lines(0, 2) + chunk_of(R"({"stream":{"seq":40}})") + lines(40, 41) +
                   "4\r\nabc\n\r\n" + lines(42, 43),
               now);
  EXPECT_EQ(upload->ended(), Status::kBadLine);
  EXPECT_EQ(upload->next(), 41U);
  expect_values("[0,1,40]");
  EXPECT_EQ(have("bridge"), (Ranges{{0, 2}, {40, 41}}));
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

TEST_F(NumberedUploadTest, standing_makes_neither_a_stream_nor_a_position) {
  EXPECT_EQ(endpoint->standing(kToken, "bridge").status, Status::kDone);
  EXPECT_EQ(endpoint->streams().size(), 0U);
  EXPECT_EQ(endpoint->positions().size(), 0U);
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
  EXPECT_EQ(have("bridge"), (Ranges{{0, 1}}));
}

}  // namespace
}  // namespace plotbridge::endpoint
