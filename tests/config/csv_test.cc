// Concern: a line of a spreadsheet's export becomes its cells, each with its column.
#include "plugin/config/csv.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

std::string joined(std::string_view line) {
  const auto cells = parse_csv_line(line);
  if (!cells) return std::to_string(cells.error().column) + ": " + cells.error().message;
  std::string text;
  for (const Cell& cell : *cells) text += std::to_string(cell.column) + '<' + cell.text + '>';
  return text;
}

TEST(Csv, splits_at_commas_and_drops_space_around_cells) {
  EXPECT_EQ(joined("a,b c,,d"), "1<a>3<b c>7<>8<d>");
  EXPECT_EQ(joined(" a , b\t,"), "2<a>6<b>9<>");
  EXPECT_EQ(joined(""), "1<>");
}

TEST(Csv, takes_quoted_cells_as_they_are) {
  EXPECT_EQ(joined(R"("a,b"," c ","say ""hi""","")"), R"(1<a,b>7< c >13<say "hi">26<>)");
  EXPECT_EQ(joined(R"( "a" ,b)"), "2<a>7<b>");
  EXPECT_EQ(joined(R"("""")"), "1<\">");
}

TEST(Csv, refuses_quotes_that_do_not_end_or_end_too_early) {
  EXPECT_EQ(joined(R"(a,"b)"), "3: no closing \" in this line");
  EXPECT_EQ(joined(R"(a,"b"")"), "3: no closing \" in this line");
  EXPECT_EQ(joined(R"("a"b,c)"), "4: expected , behind the \"");
}

}  // namespace
}  // namespace plotbridge::config
