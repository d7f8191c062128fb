// Concern: a point means one thing only, and what it cannot mean is told with what can.
#include "plugin/config/point_reader.h"

#include "tests/config/loading.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

constexpr std::string_view kAllowed =
    "expected $received, $value, $topic, a field path, a \"{capture}\", {constant: ...} or "
    "{field: ...}";

std::string route_with(std::string_view point, std::string_view decode) {
  return "version: 1\nbroker: {url: mqtt://h}\nstreams: [{name: s, token: t}]\nroutes:\n"
         "  - topic: plant/{line}/{id}\n    stream: s\n    decode: {type: " +
         std::string(decode) + "}\n    point: " + std::string(point) + '\n';
}

PointSpec point(std::string_view yaml, std::string_view decode = "json") {
  return good(route_with(yaml, decode)).routes.at(0).point;
}

/// The mistakes with what every one of them starts with left out.
Lines wrong(std::string_view yaml, std::string_view decode = "json") {
  Lines lines = mistakes_in(route_with(yaml, decode));
  for (std::string& line : lines) {
    EXPECT_EQ(line.find("a:8:"), 0U) << line;
    line.erase(0, 4);
  }
  return lines;
}

TEST(Point, is_received_and_value_when_nothing_is_said) {
  const Config config = good(
      "version: 1\nbroker: {url: mqtt://h}\nstreams: [{name: s, token: t}]\n"
      "routes: [{topic: a, stream: s}]\n");
  const PointSpec& spec = config.routes[0].point;
  ASSERT_EQ(spec.size(), 2U);
  EXPECT_EQ(spec[0].key, "x");
  EXPECT_EQ(spec[0].source.kind, PointSource::Kind::kReceived);
  EXPECT_EQ(spec[1].key, "y");
  EXPECT_EQ(spec[1].source.kind, PointSource::Kind::kValue);
}

TEST(Point, keeps_the_order_of_its_keys) {
  const PointSpec spec = point("{z: $value, a: $topic, m.b: $value, m.a: $value}");
  ASSERT_EQ(spec.size(), 4U);
  EXPECT_EQ(spec[0].key, "z");
  EXPECT_EQ(spec[1].key, "a");
  EXPECT_EQ(spec[1].source.kind, PointSource::Kind::kTopic);
  EXPECT_EQ(spec[2].key, "m.b");
  EXPECT_EQ(spec[3].key, "m.a");
}

TEST(Point, takes_a_plain_text_as_the_path_of_a_field) {
  const PointSpec spec = point("{y: \"motor.windings[2].temp\"}");
  EXPECT_EQ(spec[0].source.kind, PointSource::Kind::kField);
  EXPECT_EQ(spec[0].source.field.to_string(), "motor.windings[2].temp");
  EXPECT_EQ(spec[0].source.missing_json, std::nullopt);
}

TEST(Point, takes_a_text_with_braces_as_a_template) {
  const PointSpec spec = point("{text: \"{line} no. {id}\"}", "number");
  EXPECT_EQ(spec[0].source.kind, PointSource::Kind::kTemplate);
  EXPECT_EQ(spec[0].source.text, CaptureTemplate::parse("{line} no. {id}").value());
}

TEST(Point, takes_anything_as_a_constant) {
  const PointSpec spec =
      point("{a: {constant: 2.50}, b: {constant: [x, ~]}, c: {constant: \"3\"}}", "text");
  EXPECT_EQ(spec[0].source.kind, PointSource::Kind::kConstant);
  EXPECT_EQ(spec[0].source.json, "2.50");
  EXPECT_EQ(spec[1].source.json, R"(["x",null])");
  EXPECT_EQ(spec[2].source.json, R"("3")");
}

TEST(Point, may_say_what_stands_for_a_missing_field) {
  const PointSpec spec =
      point("{a: {field: t, default: ~}, b: {field: \"$ref\"}, c: {field: u, default: {k: 1}}}");
  EXPECT_EQ(spec[0].source.missing_json, "null");
  EXPECT_EQ(spec[1].source.field.to_string(), "$ref");
  EXPECT_EQ(spec[1].source.missing_json, std::nullopt);
  EXPECT_EQ(spec[2].source.missing_json, R"({"k":1})");
}

TEST(Point, has_no_fields_in_number_and_text) {
  EXPECT_EQ(
      wrong("{y: temp}", "number"),
      Lines{"16: routes[0].point.y: decode type `number` has no field `temp`: use $value, the "
            "decode type json, or {constant: ...}"});
  EXPECT_EQ(
      wrong("{y: {field: temp}}", "text"),
      Lines{"24: routes[0].point.y.field: decode type `text` has no field `temp`: use $value, the "
            "decode type json, or {constant: ...}"});
}

TEST(Point, tells_dollar_names_that_are_unknown_or_not_there) {
  EXPECT_EQ(
      wrong("{a: $recieved, b: $timestamp, c: $metric, d: $}"),
      (Lines{"16: routes[0].point.a: unknown `$recieved`; did you mean `$received`? allowed: "
             "$received, $value, $topic, $timestamp, $metric",
             "30: routes[0].point.b: $timestamp needs to know where it is: decode: {timestamp: "
             "{field: ..., unit: ...}}; or use $received",
             "45: routes[0].point.c: $metric is only there with the decode type `sparkplug`",
             "57: routes[0].point.d: unknown `$`; allowed: $received, $value, $topic, $timestamp, "
             "$metric"}));
}

TEST(Point, tells_captures_that_the_topic_has_not) {
  EXPECT_EQ(
      wrong("{a: \"{lin}\", b: \"{x\", c: {line}}"),
      (Lines{"16: routes[0].point.a: the topic captures no `{lin}`; did you mean `line`? allowed: "
             "id, line",
             "28: routes[0].point.b: template \"{x\": a { without its }",
             "37: routes[0].point.c: found a map; a template is quoted: \"{line}\""}));
}

TEST(Point, takes_neither_lists_nor_nothing_nor_bare_numbers) {
  EXPECT_EQ(
      wrong("{a: [x], b: , c: 3, d: true, e: ''}"),
      (Lines{"16: routes[0].point.a: " + std::string(kAllowed) + ", found a list",
             "21: routes[0].point.b: " + std::string(kAllowed) + ", found nothing",
             "29: routes[0].point.c: `3` would be a field's name: write {constant: 3} for the "
             "value, or {field: \"3\"}",
             "35: routes[0].point.d: `true` would be a field's name: write {constant: true} for "
             "the value, or {field: \"true\"}",
             "44: routes[0].point.e: " + std::string(kAllowed) + ", found nothing"}));
}

TEST(Point, tells_what_a_map_may_hold) {
  EXPECT_EQ(
      wrong("{a: {}, b: {default: 1}, c: {feild: t}, d: {scale: 2}, e: {constant: 1, "
            "default: 2}}"),
      (Lines{"16: routes[0].point.a: needs `constant` or `field`",
             "23: routes[0].point.b: needs `constant` or `field`",
             "41: routes[0].point.c.feild: unknown key; did you mean `field`? allowed: constant, "
             "field, scale, offset, round, time, default, map",
             "55: routes[0].point.d: needs `constant` or `field`",
             "84: routes[0].point.e.default: makes no sense beside `constant`"}));
}

TEST(Point, tells_paths_that_lead_nowhere) {
  EXPECT_EQ(
      wrong("{a: \"x[\", b: {field: $topic}, c: {field: [t]}}"),
      (Lines{"16: routes[0].point.a: field path \"x[\": no ] for the [ at character 2",
             "33: routes[0].point.b.field: `$topic` is no field: write it in place of the map",
             "53: routes[0].point.c.field: expected a text, found a list"}));
}

TEST(Point, has_one_place_for_each_key) {
  EXPECT_EQ(
      wrong("{m: $value, m.a: $value}"),
      Lines{"24: routes[0].point.m.a: `m` holds keys here and is a value elsewhere in this point"});
  EXPECT_EQ(
      wrong("{m.a: $value, m: $value}"),
      Lines{"26: routes[0].point.m: `m` is a value here and holds keys elsewhere in this point"});
  EXPECT_EQ(wrong("{m.a: $value, x: $value, m.b: $value}"),
            Lines{"37: routes[0].point.m.b: the keys below `m` must stand together"});
  EXPECT_EQ(wrong("{a.b.c: $value, a.d: $value, a.b.e: $value}"),
            Lines{"41: routes[0].point.a.b.e: the keys below `a.b` must stand together"});
  EXPECT_EQ(wrong("{m: $value, m: $topic}"),
            Lines{"24: routes[0].point.m: this key is there twice: remove one"});
  EXPECT_EQ(point("{mm: $value, m.a: $value, m.b.c: $value, m.b.d: $value, m.e: $value}").size(),
            5U);
}

TEST(Point, has_keys_that_can_be_written) {
  EXPECT_EQ(wrong("{a..b: $value, .c: $value, d.: $value, \"\": $value}").size(), 4U);
  EXPECT_EQ(
      wrong("{streamtoken: $value}"),
      Lines{"13: routes[0].point.streamtoken: an endpoint would take this key's value for the "
            "stream's token"});
  EXPECT_EQ(wrong("{}"), Lines{"12: routes[0].point: has no keys: leave it out, or name one"});
}

}  // namespace
}  // namespace plotbridge::config
