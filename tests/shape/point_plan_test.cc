// Concern: each key of a point gets the value that its source names, and a missing field is never
// silent.
#include "plugin/shape/point_plan.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::shape {
namespace {

using Kind = PointSource::Kind;

PointItem item(std::string key, Kind kind) { return {std::move(key), {kind, {}, {}, {}, {}}}; }

PointItem field(std::string key, std::string_view path,
                std::optional<std::string> missing_json = std::nullopt) {
  return {std::move(key), {Kind::kField, FieldPath::parse(path).value(), {}, {}, missing_json}};
}

PointItem constant(std::string key, std::string json) {
  return {std::move(key), {Kind::kConstant, {}, {}, std::move(json), {}}};
}

PointItem text(std::string key, std::string_view text_template) {
  return {std::move(key),
          {Kind::kTemplate, {}, CaptureTemplate::parse(text_template).value(), {}, {}}};
}

const WallTime kNow{std::chrono::milliseconds(1'795'452'000'123)};

TEST(PointPlan, KeepsTheOrderOfItsKeys) {
  const PointPlan plan({item("y", Kind::kValue), item("x", Kind::kReceived), constant("a", "1")});
  EXPECT_EQ(plan.keys(), (std::vector<std::string>{"y", "x", "a"}));
}

TEST(PointPlan, EachSourceGivesItsValue) {
  const PointPlan plan({item("x", Kind::kReceived), item("y", Kind::kValue),
                        item("topic", Kind::kTopic), text("name", "{line} {id}"),
                        field("t", "motor.temp"), constant("c", "[1,2]")});
  ASSERT_EQ(plan.fields().size(), 2U);
  EXPECT_TRUE(plan.fields()[0].steps.empty());
  EXPECT_EQ(plan.fields()[1].to_string(), "motor.temp");
  ASSERT_EQ(plan.templates().size(), 1U);

  const std::vector<Value> slots = {Value::json("{}"), Value::number("2.50")};
  const std::vector<std::string> rendered = {"north 7"};
  std::vector<Value> values;
  ASSERT_EQ(plan.shape(slots, {kNow, "plant/north", rendered}, values), nullptr);
  ASSERT_EQ(values.size(), 6U);
  EXPECT_EQ(values[0].kind, Value::Kind::kTime);
  EXPECT_EQ(values[0].time, kNow);
  EXPECT_EQ(values[1].kind, Value::Kind::kJson);
  EXPECT_EQ(values[1].text, "{}");
  EXPECT_EQ(values[2].kind, Value::Kind::kText);
  EXPECT_EQ(values[2].text, "plant/north");
  EXPECT_EQ(values[3].text, "north 7");
  EXPECT_EQ(values[4].kind, Value::Kind::kNumber);
  EXPECT_EQ(values[4].text, "2.50");
  EXPECT_EQ(values[5].kind, Value::Kind::kJson);
  EXPECT_EQ(values[5].text, "[1,2]");
}

TEST(PointPlan, AFieldUsedTwiceIsDecodedOnce) {
  const PointPlan plan({field("a", "t"), field("b", "t"), field("c", "u"), item("d", Kind::kValue),
                        item("e", Kind::kValue), text("f", "{l}"), text("g", "{l}")});
  EXPECT_EQ(plan.fields().size(), 3U);
  EXPECT_EQ(plan.templates().size(), 1U);
  const std::vector<Value> slots = {Value::number("1"), Value::number("2"), Value::number("3")};
  const std::vector<std::string> rendered = {"L"};
  std::vector<Value> values(20, Value::null());
  ASSERT_EQ(plan.shape(slots, {kNow, "", rendered}, values), nullptr);
  ASSERT_EQ(values.size(), 7U);
  EXPECT_EQ(values[1].text, "1");
  EXPECT_EQ(values[2].text, "2");
  EXPECT_EQ(values[4].text, "3");
  EXPECT_EQ(values[6].text, "L");
}

TEST(PointPlan, ConstantsAndDefaultsOfEveryKind) {
  const PointPlan plan({constant("a", "3"), constant("b", "null"), constant("c", "\"red\""),
                        field("d", "x", "null"), field("e", "x", "-1"), field("f", "x", "{}")});
  const std::vector<Value> slots = {Value::missing()};
  std::vector<Value> values;
  ASSERT_EQ(plan.shape(slots, {kNow, "", {}}, values), nullptr);
  const std::vector<Value::Kind> kinds = {Value::Kind::kNumber, Value::Kind::kNull,
                                          Value::Kind::kJson,   Value::Kind::kNull,
                                          Value::Kind::kNumber, Value::Kind::kJson};
  for (std::size_t i = 0; i < kinds.size(); ++i) EXPECT_EQ(values[i].kind, kinds[i]) << i;
  EXPECT_EQ(values[2].text, "\"red\"");
  EXPECT_EQ(values[4].text, "-1");
}

TEST(PointPlan, TheFirstMissingFieldWithoutADefaultIsNamed) {
  const PointPlan plan({field("a", "here"), field("b", "optional", "0"), field("c", "gone.away"),
                        field("d", "gone.too")});
  const std::vector<Value> slots = {Value::number("1"), Value::missing(), Value::missing(),
                                    Value::missing()};
  std::vector<Value> values;
  const FieldPath* missing = plan.shape(slots, {kNow, "", {}}, values);
  ASSERT_NE(missing, nullptr);
  EXPECT_EQ(missing->to_string(), "gone.away");
}

TEST(PointPlan, ANullInThePayloadIsAValueAndTakesNoDefault) {
  const PointPlan plan({field("a", "x", "7"), field("b", "x")});
  const std::vector<Value> slots = {Value::null()};
  std::vector<Value> values;
  ASSERT_EQ(plan.shape(slots, {kNow, "", {}}, values), nullptr);
  EXPECT_EQ(values[0].kind, Value::Kind::kNull);
  EXPECT_EQ(values[1].kind, Value::Kind::kNull);
}

}  // namespace
}  // namespace plotbridge::shape
