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

PointItem item(std::string key, Kind kind) {
  PointItem result;
  result.key = std::move(key);
  result.source.kind = kind;
  return result;
}

PointItem field(std::string key, std::string_view path,
                std::optional<std::string> missing_json = std::nullopt, ValueChange change = {}) {
  PointItem result = item(std::move(key), Kind::kField);
  result.source.field = FieldPath::parse(path).value();
  result.source.missing_json = std::move(missing_json);
  result.source.change = std::move(change);
  return result;
}

PointItem constant(std::string key, std::string json) {
  PointItem result = item(std::move(key), Kind::kConstant);
  result.source.json = std::move(json);
  return result;
}

PointItem text(std::string key, std::string_view text_template) {
  PointItem result = item(std::move(key), Kind::kTemplate);
  result.source.text = CaptureTemplate::parse(text_template).value();
  return result;
}

const WallTime kNow{std::chrono::milliseconds(1'795'452'000'123)};

TEST(PointPlan, KeepsTheOrderOfItsKeys) {
  PointPlan plan({item("y", Kind::kValue), item("x", Kind::kReceived), constant("a", "1")});
  EXPECT_EQ(plan.keys(), (std::vector<std::string>{"y", "x", "a"}));
}

TEST(PointPlan, EachSourceGivesItsValue) {
  PointPlan plan({item("x", Kind::kReceived), item("y", Kind::kValue), item("topic", Kind::kTopic),
                  text("name", "{line} {id}"), field("t", "motor.temp"), constant("c", "[1,2]")});
  ASSERT_EQ(plan.fields().size(), 2U);
  EXPECT_TRUE(plan.fields()[0].steps.empty());
  EXPECT_EQ(plan.fields()[1].to_string(), "motor.temp");
  ASSERT_EQ(plan.templates().size(), 1U);

  const std::vector<Value> slots = {Value::json("{}"), Value::number("2.50")};
  const std::vector<std::string> rendered = {"north 7"};
  std::vector<Value> values;
  ASSERT_FALSE(plan.shape(slots, {kNow, "plant/north", rendered}, values));
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
  PointPlan plan({field("a", "t"), field("b", "t"), field("c", "u"), item("d", Kind::kValue),
                  item("e", Kind::kValue), text("f", "{l}"), text("g", "{l}")});
  EXPECT_EQ(plan.fields().size(), 3U);
  EXPECT_EQ(plan.templates().size(), 1U);
  const std::vector<Value> slots = {Value::number("1"), Value::number("2"), Value::number("3")};
  const std::vector<std::string> rendered = {"L"};
  std::vector<Value> values(20, Value::null());
  ASSERT_FALSE(plan.shape(slots, {kNow, "", rendered}, values));
  ASSERT_EQ(values.size(), 7U);
  EXPECT_EQ(values[1].text, "1");
  EXPECT_EQ(values[2].text, "2");
  EXPECT_EQ(values[4].text, "3");
  EXPECT_EQ(values[6].text, "L");
}

TEST(PointPlan, ConstantsAndDefaultsOfEveryKind) {
  PointPlan plan({constant("a", "3"), constant("b", "null"), constant("c", "\"red\""),
                  field("d", "x", "null"), field("e", "x", "-1"), field("f", "x", "{}")});
  const std::vector<Value> slots = {Value::missing()};
  std::vector<Value> values;
  ASSERT_FALSE(plan.shape(slots, {kNow, "", {}}, values));
  const std::vector<Value::Kind> kinds = {Value::Kind::kNumber, Value::Kind::kNull,
                                          Value::Kind::kJson,   Value::Kind::kNull,
                                          Value::Kind::kNumber, Value::Kind::kJson};
  for (std::size_t i = 0; i < kinds.size(); ++i) EXPECT_EQ(values[i].kind, kinds[i]) << i;
  EXPECT_EQ(values[2].text, "\"red\"");
  EXPECT_EQ(values[4].text, "-1");
}

TEST(PointPlan, TheFirstMissingFieldWithoutADefaultIsNamed) {
  PointPlan plan({field("a", "here"), field("b", "optional", "0"), field("c", "gone.away"),
                  field("d", "gone.too")});
  const std::vector<Value> slots = {Value::number("1"), Value::missing(), Value::missing(),
                                    Value::missing()};
  std::vector<Value> values;
  const auto problem = plan.shape(slots, {kNow, "", {}}, values);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->kind, "missing_field");
  EXPECT_EQ(problem->message,
            "the payload has no field gone.away, and the point no default for it");
}

TEST(PointPlan, ANullInThePayloadIsAValueAndTakesNoDefault) {
  PointPlan plan({field("a", "x", "7"), field("b", "x")});
  const std::vector<Value> slots = {Value::null()};
  std::vector<Value> values;
  ASSERT_FALSE(plan.shape(slots, {kNow, "", {}}, values));
  EXPECT_EQ(values[0].kind, Value::Kind::kNull);
  EXPECT_EQ(values[1].kind, Value::Kind::kNull);
}

TEST(PointPlan, ChangedValuesStandWhereTheLineReadsThem) {
  ValueChange tenth;
  tenth.scale = 0.1;
  ValueChange state;
  state.map = {{"RUNNING", "1"}, {"TRIPPED", "0"}};
  PointPlan plan({field("a", "t", std::nullopt, tenth), field("b", "u", std::nullopt, tenth),
                  field("c", "s", std::nullopt, state), field("d", "s", "-1", state)});
  std::vector<Value> values;
  const std::vector<Value> slots = {Value::number("2731"), Value::number("5"),
                                    Value::of_text("RUNNING")};
  ASSERT_FALSE(plan.shape(slots, {kNow, "", {}}, values));
  EXPECT_EQ(values[0].text, "273.1");
  EXPECT_EQ(values[1].text, "0.5");
  EXPECT_EQ(values[2].text, "1");
}

TEST(PointPlan, AValueThatCannotBeChangedIsToldWithItsField) {
  ValueChange state;
  state.map = {{"RUNNING", "1"}};
  PointPlan plan({field("a", "s", "-1", state), field("b", "s", std::nullopt, state)});
  std::vector<Value> values;
  const auto problem =
      plan.shape(std::vector<Value>{Value::of_text("NEW")}, {kNow, "", {}}, values);
  EXPECT_EQ(values[0].text, "-1");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->kind, "not_in_map");
  EXPECT_EQ(problem->message, "field s: the map has no \"NEW\", and there is no default");
}

}  // namespace
}  // namespace plotbridge::shape
