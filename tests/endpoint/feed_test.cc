// Concern: a reader who was away goes on without a gap or is told to start anew, and never costs
// memory.
#include "plugin/endpoint/feed.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

std::string read(const Feed& feed, std::uint64_t cursor) {
  std::string text;
  feed.read(cursor, [&](std::uint64_t number, std::string_view frame) {
    text += std::to_string(number) + ":" + std::string(frame) + " ";
  });
  return text;
}

class FeedTest : public testing::Test {
 protected:
  WindowBudget budget{std::size_t{1} << 30};
  Feed feed{budget};
};

TEST_F(FeedTest, GivesTheFramesAReaderDoesNotHave) {
  const auto start = feed.sequence();
  feed.push("a");
  feed.push("b");
  EXPECT_TRUE(feed.can_resume(start));
  EXPECT_EQ(read(feed, start), "2:a 3:b ");
  EXPECT_EQ(read(feed, start + 1), "3:b ");
  EXPECT_TRUE(feed.can_resume(start + 2));
  EXPECT_EQ(read(feed, start + 2), "");
}

TEST_F(FeedTest, AReaderFromAnotherTimeCannotResume) {
  feed.push("a");
  EXPECT_FALSE(feed.can_resume(0));
  EXPECT_FALSE(feed.can_resume(99));
}

TEST_F(FeedTest, ForgetsTheOldestFramesBeyondItsBytes) {
  const auto start = feed.sequence();
  const std::string frame(Feed::kMaxBytes / 4, 'a');
  for (int i = 0; i < 100; ++i) feed.push(frame);
  EXPECT_FALSE(feed.can_resume(start));
  EXPECT_TRUE(feed.can_resume(feed.sequence() - 4));
  EXPECT_FALSE(feed.can_resume(feed.sequence() - 5));
  EXPECT_EQ(budget.used(), Feed::kMaxBytes);
}

TEST_F(FeedTest, AfterABreakEverybodyStartsAnew) {
  feed.push("a");
  const auto before = feed.sequence();
  feed.push_break();
  EXPECT_FALSE(feed.can_resume(before));
  EXPECT_TRUE(feed.can_resume(feed.sequence()));
  feed.push("b");
  EXPECT_EQ(read(feed, before + 1), "4:b ");
}

}  // namespace
}  // namespace plotbridge::endpoint
