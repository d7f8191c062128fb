// Concern: what Plotly gets is what the YAML says: types by the core schema, numbers digit for
// digit.
#include "plugin/config/json_text.h"

#include "plugin/config/yaml_parser.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

std::string json_of(std::string_view yaml) {
  Mistakes mistakes("a");
  return to_json(parse_yaml(yaml).value(), "p", mistakes);
}

TEST(Json, of_maps_and_lists_keeps_their_order) {
  EXPECT_EQ(json_of("b: {y: [1, two, {}], x: []}\na: ~\n"),
            R"({"b":{"y":[1,"two",{}],"x":[]},"a":null})");
}

TEST(Json, types_plain_scalars_and_no_quoted_ones) {
  EXPECT_EQ(json_of("[true, False, null, Null, 5, yes, on, 'true', '5', \"null\", '']"),
            R"([true,false,null,null,5,"yes","on","true","5","null",""])");
}

TEST(Json, keeps_the_digits_of_numbers) {
  EXPECT_EQ(json_of("[2.50, -0, 1e5, 1E-07, 12345678901234567890123, 0.1000]"),
            "[2.50,-0,1e5,1E-07,12345678901234567890123,0.1000]");
}

TEST(Json, writes_numbers_that_only_yaml_has_as_json_has_them) {
  EXPECT_EQ(json_of("[+1, .5, -.5, 1., 007, 000, 0o17, 0x1F, .inf, -.INF, .nan]"),
            "[1,0.5,-0.5,1,7,0,15,31,null,null,null]");
}

TEST(Json, takes_what_only_looks_like_a_number_as_text) {
  EXPECT_EQ(json_of("[1_000, 12:30:45, 2026-11-23, 1e, 0x, 0xG, ., '-', 1.2.3, +, e5]"),
            R"(["1_000","12:30:45","2026-11-23","1e","0x","0xG",".","-","1.2.3","+","e5"])");
}

TEST(Json, escapes_only_quotes_backslashes_and_controls) {
  EXPECT_EQ(json_of(R"("a\"b\\c\n\t\x01/\u00e9")"), "\"a\\\"b\\\\c\\n\\u0009\\u0001/\xC3\xA9\"");
}

TEST(Json, tells_a_doubled_key_at_its_path) {
  Mistakes mistakes("a");
  const Node node = parse_yaml("x: [{k: 1, k: 2}]").value();
  EXPECT_EQ(to_json(node, "p", mistakes), R"({"x":[{"k":1}]})");
  const auto told = mistakes.take();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].to_string(), "a:1:12: p.x[0].k: this key is there twice: remove one");
}

}  // namespace
}  // namespace plotbridge::config
