// Concern: map, scale, offset, round and time give the number a person would write, and tell what
// they cannot change.
#include "plugin/shape/value_changer.h"

#include <gtest/gtest.h>

namespace plotbridge::shape {
namespace {

/// The changed value's text, or why there is none.
std::string changed(const ValueChange& change, Value value,
                    const std::optional<std::string>& otherwise = std::nullopt) {
  ValueTexts texts;
  const ValueChanger changer(change);  // the value may borrow from its map
  const auto problem = changer.apply(value, otherwise, texts);
  if (problem) return std::string(problem->kind) + ": " + problem->message;
  if (value.kind == Value::Kind::kTime)
    return std::to_string(value.time.time_since_epoch().count());
  return value.kind == Value::Kind::kNull ? "null" : std::string(value.text);
}

ValueChange linear(double scale, double offset, std::optional<int> round = std::nullopt) {
  ValueChange change;
  change.scale = scale;
  change.offset = offset;
  change.round = round;
  return change;
}

TEST(ValueChanger, ScalesShiftsAndRoundsInThisOrder) {
  EXPECT_EQ(changed(linear(0.1, -40), Value::number("2731")), "233.1");
  EXPECT_EQ(changed(linear(1.8, 32, 1), Value::number("21.37")), "70.5");
  EXPECT_EQ(changed(linear(1, 0, 0), Value::number("2.5e3")), "2500");
  EXPECT_EQ(changed(linear(1, 0, 2), Value::of_text("12.345678")), "12.35");
}

TEST(ValueChanger, NullStaysNullAndWhatOverflowsBecomesIt) {
  EXPECT_EQ(changed(linear(2, 0), Value::null()), "null");
  EXPECT_EQ(changed(linear(1e300, 0), Value::number("1e300")), "null");
}

TEST(ValueChanger, WhatIsNoNumberIsToldWithWhatItIs) {
  EXPECT_EQ(changed(linear(2, 0), Value::of_text("warm")),
            "not_a_number: scale, offset and round need a number, found \"warm\"");
  EXPECT_EQ(changed(linear(2, 0), Value::json("true")),
            "not_a_number: scale, offset and round need a number, found true");
  EXPECT_EQ(changed(linear(2, 0), Value::json("[1,2]")),
            "not_a_number: scale, offset and round need a number, found [1,2]");
}

TEST(ValueChanger, MapsTextsNumbersAndTruths) {
  ValueChange change;
  change.map = {{"RUNNING", "1"}, {"3", "\"three\""}, {"true", "null"}};
  EXPECT_EQ(changed(change, Value::of_text("RUNNING")), "1");
  EXPECT_EQ(changed(change, Value::number("3")), "\"three\"");
  EXPECT_EQ(changed(change, Value::json("true")), "null");
  EXPECT_EQ(changed(change, Value::of_text("GONE"), "-1"), "-1");
  EXPECT_EQ(changed(change, Value::of_text("GONE")),
            "not_in_map: the map has no \"GONE\", and there is no default");
  change.scale = 10;
  EXPECT_EQ(changed(change, Value::of_text("RUNNING")), "10");
}

TEST(ValueChanger, ReadsTimes) {
  ValueChange change;
  change.time = TimeUnit::kUnixMs;
  EXPECT_EQ(changed(change, Value::number("1.5")), "1500000");
  EXPECT_EQ(changed(change, Value::of_text("2")), "2000000");
  EXPECT_EQ(changed(change, Value::of_time(WallTime(Duration(7)))), "7");
  EXPECT_EQ(changed(change, Value::of_text("now")),
            "not_a_time: expected milliseconds since 1970, found \"now\"");
}

}  // namespace
}  // namespace plotbridge::shape
