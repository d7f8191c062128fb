// Concern: numbers are written as people and JSON expect them, and read whatever JSON allows.
#include "plugin/base/number_text.h"

#include "plugin/base/json_scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

namespace plotbridge {
namespace {

std::string rounded(double value) {
  std::string text;
  append_rounded(value, text);
  return text;
}
std::string decimals(double value, int places) {
  std::string text;
  append_decimals(value, places, text);
  return text;
}
template <class Float>
std::string shortest(Float value) {
  std::string text;
  append_shortest(value, text);
  return text;
}

TEST(NumberText, ArithmeticOnDecimalsGivesDecimals) {
  EXPECT_EQ(rounded(2731 * 0.1 - 40), "233.1");
  EXPECT_EQ(rounded(0.1 + 0.2), "0.3");
  EXPECT_EQ(rounded(-0.0), "0");
  EXPECT_EQ(rounded(1e300), "1e+300");
}

TEST(NumberText, RoundingLeavesNoZerosAndNoMinusZero) {
  EXPECT_EQ(decimals(23.456, 2), "23.46");
  EXPECT_EQ(decimals(23.4, 3), "23.4");
  EXPECT_EQ(decimals(100, 2), "100");
  EXPECT_EQ(decimals(100.4, 0), "100");
  EXPECT_EQ(decimals(-0.004, 2), "0");
  EXPECT_EQ(decimals(1e22, 2), "1e+22");
}

TEST(NumberText, WhatJsonHasNoNumberForIsNull) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    EXPECT_EQ(rounded(value), "null");
    EXPECT_EQ(decimals(value, 2), "null");
    EXPECT_EQ(shortest(value), "null");
  }
}

TEST(NumberText, TheShortestTextReadsBackAsTheSameNumber) {
  EXPECT_EQ(shortest(0.1F), "0.1");
  EXPECT_EQ(shortest(1e-5), "0.00001");
  EXPECT_EQ(shortest(1e-7), "1e-07");
  EXPECT_EQ(shortest(123456789.0), "123456789");
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = shortest(value);
    ASSERT_TRUE(is_json_number(text)) << text;
    ASSERT_EQ(number_value(text), value) << text;
    ASSERT_TRUE(is_json_number(rounded(value))) << rounded(value);
    ASSERT_TRUE(is_json_number(decimals(value, 3))) << decimals(value, 3);
  }
}

TEST(NumberText, ReadsOnlyJsonNumbers) {
  EXPECT_EQ(number_value("-12.5e1"), -125);
  EXPECT_EQ(number_value("1e-400"), 0);
  EXPECT_EQ(number_value("0." + std::string(400, '0') + "1"), 0);
  for (const std::string text : {"", "inf", "nan", "+1", "1.", "01", "0x10", " 1", "1e400"}) {
    EXPECT_EQ(number_value(text), std::nullopt) << text;
  }
  EXPECT_EQ(number_value(std::string(400, '9')), std::nullopt);
}

}  // namespace
}  // namespace plotbridge
