// Concern: what REST requests do to a plot that is there adds up to what lines would have made of
// it, and costs no more memory than it is worth.
#include "plugin/endpoint/plot_book.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <list>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {
namespace {

class PlotBookTest : public testing::Test {
 protected:
  Plot& plot_of(std::size_t max_points, const std::string& data) {
    Plot& plot = plots.add(PlotOrigin::kRest, "owner", "name", "{}");
    plots.add_trace(plot, {}, std::nullopt, max_points, "{}");
    take(plot, data);
    return plot;
  }
  static void take(Plot& plot, const std::string& line) {
    LineParser parser;
    plot.apply(0, *parser.parse(line));
  }
  Figure figure(const std::string& trace) {
    texts.push_back('[' + trace + ']');
    return *read_figure(texts.back(), "{}", nullptr);
  }
  static std::string window_of(const Plot& plot) {
    std::string out;
    plot.members()[0].trace.write_window(out);
    return out;
  }

  Journal journal;
  PlotBook plots{std::size_t{64} << 20, journal};
  std::list<std::string> texts;  // which the figures are views of
};

TEST_F(PlotBookTest, ExtendingIsAsIfTheRowsHadComeAsLines) {
  struct Case {
    std::string before;
    std::string extension;
    std::vector<std::string> lines;
  };
  const std::vector<Case> cases{
      {"{}", R"({"x":[1,2],"y":[3,4]})", {R"({"x":1,"y":3})", R"({"x":2,"y":4})"}},
      {R"({"x":[1],"y":[1]})",
       R"({"x":[2,3,4],"y":[2]})",
       {R"({"x":2,"y":2})", R"({"x":3})", R"({"x":4})"}},
      {R"({"x":[1,2,3],"y":[1]})", R"({"y":[4]})", {R"({"y":4})"}},
      {R"({"x":[1]})", R"({"text":["a","b"]})", {R"({"text":"a"})", R"({"text":"b"})"}},
      {R"({"x":[1]})", R"({"x":[]})", {}},
      {R"({"z":[[1],[2]]})", R"({"y":[5,6]})", {R"({"y":5})", R"({"y":6})"}},
  };
  for (const std::size_t max_points : {0U, 1U, 2U, 3U, 100U}) {
    for (const Case& one : cases) {
      SCOPED_TRACE(one.before + one.extension + std::to_string(max_points));
      Plot& extended = plot_of(max_points, one.before);
      Plot& fed = plot_of(max_points, one.before);
      extended.window();
      fed.window();
      plots.extend(extended, figure(one.extension));
      for (const std::string& line : one.lines) take(fed, line);
      EXPECT_EQ(window_of(extended), window_of(fed));
      std::string told;
      std::string told_by_lines;
      extended.members()[0].trace.write_untold(told);
      fed.members()[0].trace.write_untold(told_by_lines);
      EXPECT_EQ(told, told_by_lines);
    }
  }
}

TEST_F(PlotBookTest, LineEndsWithinArraysDoNotReachAnEvent) {
  Plot& plot = plot_of(5, "{}");
  StreamTable streams(1);
  const Figure rows = figure("{\"z\":[[1,\r\n2],\n[3]]}");
  plots.fill(plot, rows, streams);
  EXPECT_EQ(window_of(plot), R"({"columns":{"z":[[1,  2],[3]]},"style":{}})");
  plots.extend(plot, rows);
  EXPECT_EQ(plot.window().find_first_of("\r\n"), std::string::npos);
}

TEST_F(PlotBookTest, ExtendingByMillionsOfRowsTakesLittleMoreMemoryThanTheirText) {
  constexpr std::size_t kRows = 4'000'000;
  Plot& plot = plot_of(500, R"({"y":[0]})");
  std::string y = R"({"y":[1)";
  for (std::size_t row = 2; row <= kRows; ++row) y += row == kRows ? ",7" : ",1";
  const Figure rows = figure(y + "]}");
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  plots.extend(plot, rows);
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024) << "KiB";
  const std::string window = window_of(plot);
  EXPECT_LT(window.size(), 1100U);
  EXPECT_NE(window.find(",1,7]"), std::string::npos);
}

}  // namespace
}  // namespace plotbridge::endpoint
