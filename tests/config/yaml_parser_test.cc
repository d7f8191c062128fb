// Concern: marks are where a person looks, doubled keys survive, and no document can take the
// program down.
#include "plugin/config/yaml_parser.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

std::string error_of(std::string_view text) {
  const auto tree = parse_yaml(text);
  if (tree) return "none";
  return std::to_string(tree.error().mark.line) + ':' + std::to_string(tree.error().mark.column) +
         ": " + tree.error().message;
}

TEST(YamlParser, keeps_the_order_and_doubled_keys) {
  const Node map = parse_yaml("b: 1\na: 2\nb: 3\n").value();
  ASSERT_EQ(map.keys.size(), 3U);
  EXPECT_EQ(map.keys[2].name, "b");
  EXPECT_EQ(map.keys[2].mark, (Mark{3, 1}));
  EXPECT_EQ(map.items[2].text, "3");
  EXPECT_EQ(map.items[2].mark, (Mark{3, 4}));
}

TEST(YamlParser, gives_a_missing_value_the_place_of_its_key) {
  const Node map = parse_yaml("a:\n\n\nb: 1\n").value();
  EXPECT_TRUE(map.items[0].is_null());
  EXPECT_EQ(map.items[0].mark, (Mark{1, 1}));
}

TEST(YamlParser, tells_quoted_texts_from_plain_ones) {
  const Node list = parse_yaml("[5, '5', \"5\", !!str 5, ~, '']").value();
  EXPECT_FALSE(list.items[0].quoted);
  for (const std::size_t i : {1U, 2U, 3U}) EXPECT_TRUE(list.items[i].quoted) << i;
  EXPECT_TRUE(list.items[4].is_null());
  EXPECT_EQ(list.items[5].kind, Node::Kind::kScalar);
}

TEST(YamlParser, repeats_what_an_alias_names_at_the_place_of_the_alias) {
  const Node map = parse_yaml("a: &x {y: 1}\nb: *x\n").value();
  EXPECT_EQ(map.items[1].items[0].text, "1");
  EXPECT_EQ(map.items[1].mark, (Mark{2, 4}));
}

TEST(YamlParser, says_where_a_document_stops_being_yaml) {
  EXPECT_EQ(error_of("a: b: c\n"), "1:5: not YAML: illegal map value");
  EXPECT_EQ(error_of("a: *nope\n"), "1:4: not YAML: the referenced anchor is not defined");
}

TEST(YamlParser, says_to_quote_a_text_with_braces_or_brackets) {
  const std::string hint =
      "; quote a text that holds { } or [ ]: \"{line}.{id}\", \"motor.windings[2].temp\"";
  EXPECT_EQ(error_of("a: {y: motor.windings[2].temp}\n"),
            "1:22: not YAML: end of map flow not found" + hint);
  EXPECT_EQ(error_of("s: {line}.{id}\n"), "1:10: not YAML: end of map not found" + hint);
}

TEST(YamlParser, refuses_a_document_of_nothing_and_a_second_document) {
  EXPECT_EQ(error_of(""), "1:1: the file is empty");
  EXPECT_EQ(error_of("# only words\n"), "1:1: the file is empty");
  EXPECT_EQ(error_of("a: 1\n---\nb: 2\n"), "3:1: a second document (after ---): only one is read");
}

TEST(YamlParser, refuses_keys_that_are_no_text) {
  EXPECT_EQ(error_of("a: 1\n[b]: 2\n"), "2:1: a key must be a text, found a list");
  EXPECT_EQ(error_of("? \n: 2\n").substr(0, 40), "2:1: a key must be a text, found nothing");
}

TEST(YamlParser, refuses_keys_that_hold_nul) {
  EXPECT_EQ(error_of("a: 1\n\"b\\0c\": 2\n"), "2:1: a key holds no NUL byte");
}

TEST(YamlParser, refuses_what_is_not_utf8_at_its_byte) {
  EXPECT_EQ(error_of("a: 1\nb: \xC3\xA9\xFF\n"), "2:6: this is not UTF-8: save the file as UTF-8");
}

TEST(YamlParser, survives_aliases_that_multiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j > 0 ? ", " : "") + last;
    text += "]\n";
  }
  EXPECT_NE(error_of(text).find(": too much"), std::string::npos);
}

TEST(YamlParser, survives_a_long_text_that_aliases_multiply) {
  std::string text = "a: &a " + std::string(500'000, 'x') + "\nb: [*a";
  for (int i = 0; i < 50'000; ++i) text += ", *a";
  EXPECT_NE(error_of(text + "]\n").find("too much"), std::string::npos);
}

// Each keeps a copy of all that is in it.
TEST(YamlParser, counts_what_anchors_keep) {
  std::string text = "a: ";
  for (int i = 0; i < 20; ++i) text += "&a" + std::to_string(i) + " [";
  for (int i = 0; i < 10'000; ++i) text += "1,";
  text += "1" + std::string(20, ']');
  EXPECT_NE(error_of(text + "\n").find("too much: at most 100,000 values"), std::string::npos);
}

TEST(YamlParser, refuses_an_alias_inside_what_it_names) {
  EXPECT_EQ(error_of("a: &x [1, *x]\n"), "1:11: this alias is inside the very thing it names");
}

TEST(YamlParser, reads_32_levels_and_no_more) {
  EXPECT_EQ(error_of(std::string(32, '[') + std::string(32, ']')), "none");
  EXPECT_EQ(error_of(std::string(33, '[') + std::string(33, ']')),
            "1:33: nested too deep: at most 32 levels");
  EXPECT_NE(error_of(std::string(1'000'000, '[')).find("nested too deep"), std::string::npos);
}

TEST(YamlParser, reads_1_mib_and_no_more) {
  std::string text = "a: 1\n#";
  text.resize(kMaxConfigBytes, 'x');
  EXPECT_EQ(error_of(text), "none");
  EXPECT_EQ(error_of(text + 'x'), "1:1: the file is larger than 1 MiB");
}

TEST(YamlParser, refuses_more_values_than_a_configuration_has) {
  std::string text;
  for (int i = 0; i < 100'001; ++i) text += "- a\n";
  EXPECT_EQ(error_of(text),
            "100001:3: too much: at most 100,000 values, counting what anchors keep "
            "and aliases repeat");
}

}  // namespace
}  // namespace plotbridge::config
