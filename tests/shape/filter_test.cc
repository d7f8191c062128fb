// Concern: `when` and `deadband` leave out what they say and nothing else.
#include "plugin/shape/deadband.h"
#include "plugin/shape/when.h"

#include <gtest/gtest.h>

namespace plotbridge::shape {
namespace {

using namespace std::chrono_literals;

WhenSpec one_of(std::vector<std::string> jsons) {
  WhenSpec spec;
  spec.one_of = std::move(jsons);
  return spec;
}

TEST(When, EqualsComparesTextsAsTextsAndNumbersAsNumbers) {
  const When when(one_of({"\"temp\\u00e9\"", "5", "true", "null"}));
  EXPECT_TRUE(when.holds(Value::of_text("tempé")));
  EXPECT_TRUE(when.holds(Value::number("5")));
  EXPECT_TRUE(when.holds(Value::number("5.0")));
  EXPECT_TRUE(when.holds(Value::number("50e-1")));
  EXPECT_TRUE(when.holds(Value::json("true")));
  EXPECT_TRUE(when.holds(Value::null()));
  EXPECT_FALSE(when.holds(Value::of_text("5")));
  EXPECT_FALSE(when.holds(Value::of_text("true")));
  EXPECT_FALSE(when.holds(Value::json("false")));
  EXPECT_FALSE(when.holds(Value::number("6")));
  EXPECT_FALSE(when.holds(Value::missing()));
}

TEST(When, LargeIntegersDifferInTheirLastDigit) {
  const When when(one_of({"9007199254740993"}));
  EXPECT_TRUE(when.holds(Value::number("9007199254740993")));
  EXPECT_FALSE(when.holds(Value::number("9007199254740992")));
}

TEST(When, AboveAndBelowAreOpenAndNeedNumbers) {
  WhenSpec spec;
  spec.above = 0;
  spec.below = 10;
  const When when(spec);
  EXPECT_TRUE(when.holds(Value::number("0.1")));
  EXPECT_FALSE(when.holds(Value::number("0")));
  EXPECT_FALSE(when.holds(Value::number("10")));
  EXPECT_FALSE(when.holds(Value::of_text("warm")));
  EXPECT_FALSE(when.holds(Value::null()));
  EXPECT_FALSE(when.holds(Value::missing()));
}

TEST(Deadband, OnlyAMoveOfMoreThanTheBandIsWritten) {
  const DeadbandSpec spec{0.5, std::nullopt};
  Deadband series;
  TimePoint now{};
  std::string written;
  for (const std::string text : {"10", "10.5", "10.2", "10.51", "11", "11.02", "10"}) {
    if (series.admits(spec, Value::number(text), now += 1s)) written += text + ' ';
  }
  EXPECT_EQ(written, "10 10.51 11.02 10 ");
}

TEST(Deadband, SilenceEndsIt) {
  const DeadbandSpec spec{0.5, 60s};
  Deadband series;
  TimePoint now{};
  EXPECT_TRUE(series.admits(spec, Value::number("10"), now));
  EXPECT_FALSE(series.admits(spec, Value::number("10"), now + 59s));
  EXPECT_TRUE(series.admits(spec, Value::number("10"), now + 60s));
  EXPECT_FALSE(series.admits(spec, Value::number("10"), now + 119s));
}

TEST(Deadband, WhatIsNoNumberIsWrittenWhenItDiffers) {
  const DeadbandSpec spec{100, std::nullopt};
  Deadband series;
  const TimePoint now{};
  EXPECT_TRUE(series.admits(spec, Value::of_text("IDLE"), now));
  EXPECT_FALSE(series.admits(spec, Value::of_text("IDLE"), now));
  EXPECT_TRUE(series.admits(spec, Value::of_text("RUNNING"), now));
  EXPECT_TRUE(series.admits(spec, Value::null(), now));
  EXPECT_FALSE(series.admits(spec, Value::null(), now));
  EXPECT_TRUE(series.admits(spec, Value::number("1"), now));
}

}  // namespace
}  // namespace plotbridge::shape
