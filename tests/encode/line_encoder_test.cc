// Concern: a line is one strict JSON object and one newline, whatever the values hold.
#include "plugin/encode/line_encoder.h"

#include "plugin/base/utf8.h"

#include "tests/support/random_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace plotbridge::encode {
namespace {

std::string line(const std::vector<std::string>& keys, const std::vector<Value>& values,
                 TimeFormat time_format = TimeFormat::kPlotly) {
  std::string out;
  LineEncoder(keys, time_format).encode(values, out);
  return out;
}

const WallTime kNow{std::chrono::milliseconds(1'795'452'000'123)};

TEST(LineEncoder, WritesAPointAsCompactJsonAndANewline) {
  EXPECT_EQ(line({"x", "y"}, {Value::of_time(kNow), Value::number("2.50")}),
            "{\"x\":\"2026-11-23 16:40:00.123\",\"y\":2.50}\n");
}

TEST(LineEncoder, WritesTimesInTheFormatOfTheStream) {
  EXPECT_EQ(line({"x"}, {Value::of_time(kNow)}, TimeFormat::kIso8601),
            "{\"x\":\"2026-11-23T16:40:00.123Z\"}\n");
  EXPECT_EQ(line({"x"}, {Value::of_time(kNow)}, TimeFormat::kUnixMs), "{\"x\":1795452000123}\n");
}

TEST(LineEncoder, EveryKindOfValue) {
  EXPECT_EQ(line({"a", "b", "c", "d", "e", "f"},
                 {Value::missing(), Value::null(), Value::number("-0"), Value::of_text("a\"\n"),
                  Value::json("{ \"k\" : [ 1, 2 ] }"), Value::json("true")}),
            "{\"a\":null,\"b\":null,\"c\":-0,\"d\":\"a\\\"\\n\",\"e\":{\"k\":[1,2]},\"f\":true}\n");
}

TEST(LineEncoder, WhatJsonCannotSayIsNull) {
  EXPECT_EQ(line({"a", "b", "c", "d"}, {Value::number("NaN"), Value::number("-inf"),
                                        Value::number("1\n"), Value::json("{oops")}),
            "{\"a\":null,\"b\":null,\"c\":null,\"d\":null}\n");
}

TEST(LineEncoder, DotsNestAndNeighboursShareTheirParents) {
  const std::vector<Value> five(5, Value::number("1"));
  EXPECT_EQ(line({"marker.color", "marker.size"}, {five.begin(), five.begin() + 2}),
            "{\"marker\":{\"color\":1,\"size\":1}}\n");
  EXPECT_EQ(line({"x", "a.b.c", "a.b.d", "a.e", "y"}, five),
            "{\"x\":1,\"a\":{\"b\":{\"c\":1,\"d\":1},\"e\":1},\"y\":1}\n");
  EXPECT_EQ(line({"a.b.c", "d.b.c", "d.e"}, {five.begin(), five.begin() + 3}),
            "{\"a\":{\"b\":{\"c\":1}},\"d\":{\"b\":{\"c\":1},\"e\":1}}\n");
  EXPECT_EQ(line({"a.b", "c.d"}, {five.begin(), five.begin() + 2}),
            "{\"a\":{\"b\":1},\"c\":{\"d\":1}}\n");
}

TEST(LineEncoder, KeysAreEscaped) {
  EXPECT_EQ(line({"a\"b.c\nd"}, {Value::null()}), "{\"a\\\"b\":{\"c\\nd\":null}}\n");
}

TEST(LineEncoder, APointWithoutKeysIsAnEmptyObject) { EXPECT_EQ(line({}, {}), "{}\n"); }

TEST(LineEncoder, TellsWhereTheTopLevelYStands) {
  const auto y_of = [](const std::vector<std::string>& keys, const std::vector<Value>& values) {
    std::string out = "what stood there before\n";
    return std::string(LineEncoder(keys, TimeFormat::kPlotly).encode(values, out).y());
  };
  EXPECT_EQ(y_of({"x", "y", "z"}, {Value::of_text("y"), Value::number("-2.50"), Value::null()}),
            "-2.50");
  EXPECT_EQ(y_of({"y"}, {Value::json("[1, 2]")}), "[1,2]");
  EXPECT_EQ(y_of({"y"}, {Value::missing()}), "null");
  EXPECT_EQ(y_of({"a.y", "y2"}, {Value::number("1"), Value::number("2")}), "");
  EXPECT_EQ(y_of({}, {}), "");
}

TEST(LineEncoder, AppendsLineAfterLine) {
  const LineEncoder encoder({"y"}, TimeFormat::kPlotly);
  std::string out;
  encoder.encode(std::vector<Value>{Value::number("1")}, out);
  encoder.encode(std::vector<Value>{Value::json("[bad")}, out);
  encoder.encode(std::vector<Value>{Value::number("3")}, out);
  EXPECT_EQ(out, "{\"y\":1}\n{\"y\":null}\n{\"y\":3}\n");
}

TEST(LineEncoder, AnythingAtAllBecomesOneStrictLine) {
  test::RandomJson random(11);
  const LineEncoder encoder({"x", "text", "m.json", "m.damaged", "number"}, TimeFormat::kIso8601);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random.bytes(30);
    const std::string good = random.document(3);
    const std::string damaged = random.damaged(good);
    const std::string number = random.bytes(6);
    const std::vector<Value> values = {
        Value::of_time(kNow + std::chrono::hours(static_cast<int>(random.below(100'000)))),
        Value::of_text(text), Value::json(good), Value::json(damaged), Value::number(number)};
    std::string out;
    encoder.encode(values, out);
    ASSERT_EQ(std::ranges::count(out, '\n'), 1) << out;
    ASSERT_EQ(out.back(), '\n');
    ASSERT_TRUE(is_valid_utf8(out));
    nlohmann::json parsed;
    try {
      parsed = nlohmann::json::parse(out);
    } catch (const nlohmann::json::out_of_range&) {
      continue;  // a number that no double holds, which is JSON all the same
    }
    ASSERT_EQ(parsed["m"]["json"], nlohmann::json::parse(good));
    std::string repaired;
    append_valid_utf8(text, repaired);
    ASSERT_EQ(parsed["text"], repaired);
  }
}

}  // namespace
}  // namespace plotbridge::encode
