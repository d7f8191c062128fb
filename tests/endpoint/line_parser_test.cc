// Concern: each part of a line goes where Plotly's clients expect it: points, columns, style,
// layout; and nothing that is not strict JSON passes.
#include "plugin/endpoint/line_parser.h"

#include "plugin/endpoint/json_leaves.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

std::string text_of(const std::vector<LineUpdate::Entry>& entries) {
  std::string text;
  for (const auto& entry : entries) text += entry.path + "=" + std::string(entry.json) + " ";
  return text;
}

// The four parts of a line, or "bad".
std::string sorted(std::string_view line) {
  LineParser parser;
  const LineUpdate* const update = parser.parse(line);
  if (update == nullptr) return "bad";
  return text_of(update->point) + "| " + text_of(update->columns) + "| " + text_of(update->style) +
         "| " + text_of(update->layout);
}

TEST(LineParser, TakesScalarsForAPointAndKeepsTheirDigits) {
  EXPECT_EQ(sorted(R"({"x":"2026-11-23 16:40:00.123","y":2.50})"),
            R"(x="2026-11-23 16:40:00.123" y=2.50 | | | )");
  EXPECT_EQ(sorted(R"( {"x" : 18446744073709551616, "y" : -1e400} )"),
            "x=18446744073709551616 y=-1e400 | | | ");
  EXPECT_EQ(sorted("{\"x\":1,\"y\":null,\"text\":\"caf\xC3\xA9\"}\r"),
            "x=1 y=null text=\"caf\xC3\xA9\" | | | ");
}

TEST(LineParser, TakesArraysForWholeColumns) {
  EXPECT_EQ(sorted(R"({"x":[1,2],"z":[[1,2],[3,4]],"marker":{"color":["red","blue"]}})"),
            R"(| x=[1,2] z=[[1,2],[3,4]] marker.color=["red","blue"] | | )");
}

TEST(LineParser, ColoursThePointOfTheLineOrElseTheTrace) {
  EXPECT_EQ(sorted(R"({"y":1,"marker":{"color":"red","size":4}})"),
            R"(y=1 marker.color="red" marker.size=4 | | | )");
  EXPECT_EQ(sorted(R"({"marker":{"color":"red"}})"), R"(| | marker.color="red" | )");
  EXPECT_EQ(sorted(R"({"marker":{"color":"red"},"y":1})"), R"(y=1 marker.color="red" | | | )");
}

TEST(LineParser, TakesTheRestForStyle) {
  EXPECT_EQ(sorted(R"({"y":1,"line":{"color":"red","width":2},"name":"boiler","mode":"lines"})"),
            R"(y=1 | | line.color="red" line.width=2 name="boiler" mode="lines" | )");
  EXPECT_EQ(sorted(R"({"colorscale":[[0,"red"],[1,"blue"]],"transforms":[{"a":1}]})"),
            R"(| | colorscale=[[0,"red"],[1,"blue"]] transforms=[{"a":1}] | )");
}

TEST(LineParser, TakesTheLayoutApart) {
  EXPECT_EQ(sorted(R"({"y":1,"layout":{"title":{"text":"T"},"shapes":[{"x0":1}]}})"),
            R"(y=1 | | | title.text="T" shapes=[{"x0":1}] )");
}

TEST(LineParser, LeavesOutTheTypeAndEveryToken) {
  EXPECT_EQ(sorted(R"({"type":"bar","streamtoken":"abcdefghij","y":1,)"
                   R"("stream":{"token":"abcdefghij","maxpoints":4}})"),
            "y=1 | | | ");
}

TEST(LineParser, TakesTheLaterOfTwoEqualKeys) {
  EXPECT_EQ(sorted(R"({"x":1,"x":2})"), "x=2 | | | ");
}

TEST(LineParser, KnowsAnEmptyObjectForALineThatSaysNothing) {
  EXPECT_EQ(sorted("{}"), "| | | ");
  EXPECT_EQ(sorted(R"({"marker":{}})"), "| | | ");
}

TEST(LineParser, LeavesOutKeysThatHideBehindEscapes) {
  EXPECT_EQ(sorted(R"({"st\u0072eamtoken":"abcdefghij","a\"b":{"c":[1,{"d":2}]},"y":1})"),
            "y=1 | | | ");
}

TEST(LineParser, RefusesWhatIsNotOneStrictJsonObject) {
  for (const char* const line : {"",
                                 "5",
                                 "[1]",
                                 "\"\"",
                                 "null",
                                 "{",
                                 "{}{}",
                                 "{}x",
                                 "{'x':1}",
                                 "{x:1}",
                                 R"({"x":1,})",
                                 R"({"x":01})",
                                 R"({"x":+1})",
                                 R"({"x":.5})",
                                 R"({"x":NaN})",
                                 R"({"x":Infinity})",
                                 R"({"x":nul})",
                                 R"({"x":"a)",
                                 "{\"x\":\"a\tb\"}",
                                 R"({"x":"\x"})",
                                 "{\"x\":\"\xff\"}",
                                 R"({"x":[1,2})",
                                 R"({"x" 1})",
                                 R"({"x":1 "y":2})"}) {
    EXPECT_EQ(sorted(line), "bad") << line;
  }
}

TEST(LineParser, BoundsWhatOneLineMayName) {
  std::string line = R"({"y":1)";
  for (int i = 0; i < 2000; ++i) line += ",\"k" + std::to_string(i) + "\":1";
  LineParser parser;
  const LineUpdate* const update = parser.parse(line + "}");
  ASSERT_NE(update, nullptr);
  EXPECT_TRUE(update->cut);
  EXPECT_EQ(update->style.size() + update->point.size(), LineUpdate::kMaxEntries);
}

std::string line_of(int leaves, const std::string& prefix) {
  std::string line = R"({"y":1)";
  for (int i = 0; i < leaves; ++i) line += ",\"" + prefix + std::to_string(i) + "\":1";
  return line + "}";
}

TEST(LineParser, ComparesEachLeafWithFewOthers) {
  const auto comparisons = [](const std::string& line) {
    LineParser parser;
    parser.parse(line);
    return parser.comparisons();
  };
  const std::string prefix(200, 'a');
  EXPECT_LE(comparisons(line_of(200, prefix)), 200U * 9);
  EXPECT_LT(comparisons(line_of(4000, prefix)), 5 * comparisons(line_of(1000, prefix)));
  EXPECT_LE(comparisons(line_of(100'000, prefix)), LineUpdate::kMaxLeaves * 9);
}

TEST(LineParser, ALineOfMoreLeavesIsCut) {
  std::string line = R"({"aa":1)";
  for (std::size_t i = 1; i < LineUpdate::kMaxLeaves; ++i) line += R"(,"aa":2)";
  LineParser parser;
  EXPECT_FALSE(parser.parse(line + "}")->cut);
  EXPECT_TRUE(parser.parse(line + R"(,"late":1})")->cut);
  EXPECT_EQ(sorted(line + R"(,"late":1})"), "| | aa=2 | ");
}

TEST(LineParser, APathThatIsTooLongIsLeftOutWithAllBelowIt) {
  const std::string fits(kMaxPathBytes, 'n');
  EXPECT_EQ(sorted("{\"" + fits + "\":1,\"y\":2}"), "y=2 | | " + fits + "=1 | ");
  for (const std::string& value : {std::string("1"), std::string(R"({"b":1,"c":[{"d":2}]})")}) {
    const std::string line = "{\"x\":1,\"n" + fits + "\":" + value + ",\"y\":2}";
    EXPECT_EQ(sorted(line), "x=1 y=2 | | | ");
    LineParser parser;
    EXPECT_TRUE(parser.parse(line)->cut);
  }
  const std::string half(kMaxPathBytes / 2, 'h');
  EXPECT_EQ(sorted("{\"" + half + "\":{\"" + half + "\":1,\"b\":2},\"y\":1}"),
            "y=1 | | " + half + ".b=2 | ");
}

TEST(LineParser, RefusesALineNestedWithoutEnd) {
  EXPECT_EQ(sorted("{\"x\":" + std::string(100'000, '[')), "bad");
}

}  // namespace
}  // namespace plotbridge::endpoint
