// Concern: a topic in use is remembered, and a flood of topics that never come back does not grow
// the memory.
#include "plugin/route/topic_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::route {
namespace {

TEST(TopicCache, RemembersWhatATopicLedTo) {
  TopicCache<int> cache(10);
  EXPECT_EQ(cache.find("a/b"), nullptr);
  cache.put("a/b", 7);
  ASSERT_NE(cache.find("a/b"), nullptr);
  EXPECT_EQ(*cache.find("a/b"), 7);
}

TEST(TopicCache, TheNewerValueOfATopicCounts) {
  TopicCache<int> cache(10);
  cache.put("a", 1);
  cache.put("a", 2);
  EXPECT_EQ(*cache.find("a"), 2);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(TopicCache, AFloodOfNewTopicsStaysWithinTwiceTheCapacity) {
  TopicCache<int> cache(100);
  for (int i = 0; i < 10'000; ++i) {
    cache.put("flood/" + std::to_string(i), i);
    ASSERT_LE(cache.size(), 200U);
  }
  EXPECT_EQ(cache.find("flood/0"), nullptr);
  EXPECT_NE(cache.find("flood/9999"), nullptr);
}

TEST(TopicCache, ATopicInUseSurvivesAFlood) {
  TopicCache<int> cache(100);
  cache.put("busy", 1);
  for (int i = 0; i < 10'000; ++i) {
    cache.put("flood/" + std::to_string(i), i);
    ASSERT_NE(cache.find("busy"), nullptr) << i;
  }
}

}  // namespace
}  // namespace plotbridge::route
