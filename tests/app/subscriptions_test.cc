// Concern: each filter is asked for once, and copies of one message can be told apart exactly where
// filters overlap.
#include "plugin/app/subscriptions.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

config::Route route(std::vector<std::string> topics, int qos = 1) {
  config::Route route;
  route.topics = std::move(topics);
  route.qos = qos;
  return route;
}

TEST(Subscriptions, FilterOfTwoRoutesIsAskedForOnceWithTheHigherQos) {
  const auto plan = plan_subscriptions({route({"plant/{line}/t"}, 0), route({"plant/+/t"}, 1)});
  ASSERT_EQ(plan.subscriptions.size(), 1u);
  EXPECT_EQ(plan.subscriptions[0].filter, "plant/+/t");
  EXPECT_EQ(plan.subscriptions[0].qos, 1);
  EXPECT_EQ(plan.subscriptions[0].id, 0u);
  EXPECT_EQ(plan.filters.size(), 2u);
}

TEST(Subscriptions, OnlyOverlappingFiltersHaveIdentifiersAndEachItsOwn) {
  const auto plan = plan_subscriptions({route({"a/+/t"}), route({"a/#"}), route({"b/1"})});
  ASSERT_EQ(plan.subscriptions.size(), 3u);
  EXPECT_NE(plan.subscriptions[0].id, 0u);
  EXPECT_NE(plan.subscriptions[1].id, 0u);
  EXPECT_NE(plan.subscriptions[0].id, plan.subscriptions[1].id);
  EXPECT_EQ(plan.subscriptions[2].id, 0u);
}

TEST(Subscriptions, IdentifierOfAFilterStaysWhenOtherRoutesComeAndGo) {
  const auto before = plan_subscriptions({route({"a/+/t"}), route({"a/#"})});
  const auto after = plan_subscriptions({route({"c/#"}), route({"a/#"}), route({"a/+/t"})});
  EXPECT_EQ(before.subscriptions[0].id, after.subscriptions[2].id);
  EXPECT_EQ(before.subscriptions[1].id, after.subscriptions[1].id);
}

}  // namespace
}  // namespace plotbridge::app
