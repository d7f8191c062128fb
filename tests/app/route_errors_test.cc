// Concern: what a route could not decode is counted by kind, and no kind hides another in the log;
// what the log suppressed is told in time, and once.
#include "plugin/app/route_errors.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

class RouteErrorsTest : public testing::Test {
 protected:
  bool is_logged(DecodeErrorKind kind, Duration after) {
    return errors_.add(kind, "why", 3, {}, kStart + after).has_value();
  }
  RouteErrors errors_;
};

TEST_F(RouteErrorsTest, EachKindHasALineOfItsOwn) {
  EXPECT_TRUE(is_logged("json", 0s));
  EXPECT_FALSE(is_logged("json", 1s));
  EXPECT_TRUE(is_logged("missing_field", 1s));
  EXPECT_FALSE(is_logged("missing_field", 2s));
  EXPECT_EQ(errors_.add("json", "why", 0, {}, kStart + 10s), 1u);
  EXPECT_EQ(errors_.counts(), (RouteErrors::Counts{{"json", 3}, {"missing_field", 2}}));
}

TEST_F(RouteErrorsTest, WhatWasSuppressedIsToldOnce) {
  EXPECT_TRUE(is_logged("json", 0s));
  EXPECT_FALSE(is_logged("json", 1s));
  errors_.add("json", "the last one", 0, {}, kStart + 2s);
  EXPECT_TRUE(is_logged("csv", 2s));
  EXPECT_TRUE(errors_.take_suppressed(kStart + 39s, 40s).empty());
  const auto told = errors_.take_suppressed(kStart + 40s, 40s);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].kind, "json");
  EXPECT_EQ(told[0].errors, 2u);
  EXPECT_EQ(told[0].why, "the last one");
  EXPECT_TRUE(errors_.take_suppressed(kStart + 90s, 40s).empty());
  EXPECT_EQ(errors_.add("json", "why", 0, {}, kStart + 90s), 0u);
}

TEST_F(RouteErrorsTest, RemembersTheLastWordsAndNoMoreThanAFew) {
  EXPECT_FALSE(errors_.last());
  errors_.add("json", std::string(10'000, 'x'), 7, WallTime(5s), kStart);
  const auto last = errors_.last();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->kind, "json");
  EXPECT_EQ(last->offset, 7u);
  EXPECT_EQ(last->at, WallTime(5s));
  EXPECT_EQ(last->why.size(), RouteErrors::kWhyShown);
}

}  // namespace
}  // namespace plotbridge::app
