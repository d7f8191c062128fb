// Concern: a topic in use is remembered, and a flood of topics that never come back does not grow
// the memory.
#include "plugin/route/topic_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::route {
namespace {

constexpr std::size_t kLimit = 20'000;

class TopicCacheTest : public testing::Test {
 protected:
  StateMemory memory_{kLimit};
  TopicCache<int> cache_{memory_};
};

TEST_F(TopicCacheTest, RemembersWhatATopicLedTo) {
  EXPECT_EQ(cache_.find("a/b"), nullptr);
  cache_.put("a/b", 7, 0);
  ASSERT_NE(cache_.find("a/b"), nullptr);
  EXPECT_EQ(*cache_.find("a/b"), 7);
  EXPECT_GT(memory_.used(), sizeof(int));
}

TEST_F(TopicCacheTest, AFloodOfNewTopicsStaysWithinTheMemoryAndATopicInUseIsKept) {
  cache_.put("busy", 1, 0);
  for (int i = 0; i < 10'000; ++i) {
    cache_.put("flood/" + std::to_string(i), i, static_cast<std::size_t>(i % 100));
    ASSERT_LE(memory_.used(), kLimit);
    ASSERT_NE(cache_.find("busy"), nullptr) << i;
  }
  EXPECT_EQ(cache_.find("flood/0"), nullptr);
  EXPECT_NE(cache_.find("flood/9999"), nullptr);
  EXPECT_GT(cache_.size(), 10U);
  EXPECT_EQ(memory_.evictions(StateMemory::Kind::kTopic), 10'001U - cache_.size());
}

TEST_F(TopicCacheTest, ALongTopicAndOneWithLongTextsAreUsedAndNotRemembered) {
  const std::string longest(TopicCache<int>::kMaxTopicBytes, 't');
  EXPECT_EQ(*cache_.put(longest + "t", 1, 0), 1);
  EXPECT_EQ(*cache_.put("texts", 2, kLimit / 16), 2);
  EXPECT_EQ(cache_.size(), 0U);
  EXPECT_EQ(memory_.used(), 0U);
  cache_.put(longest, 3, 0);
  EXPECT_NE(cache_.find(longest), nullptr);
}

}  // namespace
}  // namespace plotbridge::route
