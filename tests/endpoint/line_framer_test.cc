// Concern: lines end at newlines and nowhere else, however the bytes arrive.
#include "plugin/endpoint/line_framer.h"

#include "plugin/model/protocol.h"

#include "tests/endpoint/cut_up.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::endpoint {
namespace {

using Lines = std::vector<std::string>;

Lines frame(const Pieces& pieces) {
  LineFramer framer;
  Lines lines;
  std::string_view line;
  for (std::string_view piece : pieces) {
    while (framer.next(piece, line)) lines.emplace_back(line);
  }
  if (framer.last(line)) lines.emplace_back(line);
  return lines;
}

void expect_lines(std::string_view bytes, const Lines& lines) {
  for (const Pieces& way : ways_to_arrive(bytes)) EXPECT_EQ(frame(way), lines);
}

TEST(LineFramer, CutsAtNewlines) { expect_lines("{a}\n{bb}\n{c}\n", {"{a}", "{bb}", "{c}"}); }

TEST(LineFramer, SkipsHeartbeats) { expect_lines("\n\n{a}\n\r\n \t\n{b}\n\n", {"{a}", "{b}"}); }

TEST(LineFramer, CountsALastLineWithoutANewline) { expect_lines("{a}\n{b}", {"{a}", "{b}"}); }

TEST(LineFramer, HasNoLineInNothingOrBlanks) {
  expect_lines(" ", {});
  EXPECT_EQ(frame({""}), Lines());
}

TEST(LineFramer, TakesALineOfTheGreatestLengthAndNoLongerOne) {
  const std::string longest(protocol::kMaxLineBytes, 'a');
  EXPECT_EQ(frame({longest + "\n", "b\n"}), (Lines{longest, "b"}));
  EXPECT_EQ(frame({longest, "\nb\n"}), (Lines{longest, "b"}));

  LineFramer framer;
  std::string_view line;
  std::string_view piece = longest;
  EXPECT_FALSE(framer.next(piece, line));
  EXPECT_FALSE(framer.too_long());
  piece = "a\n";
  EXPECT_FALSE(framer.next(piece, line));
  EXPECT_TRUE(framer.too_long());
  piece = "b\n";
  EXPECT_FALSE(framer.next(piece, line));
  EXPECT_FALSE(framer.last(line));
}

}  // namespace
}  // namespace plotbridge::endpoint
