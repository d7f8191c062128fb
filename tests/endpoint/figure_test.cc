// Concern: a figure is read and read back within its limits, whatever its names, tokens and
// references are, and each refusal says what to do.
#include "plugin/endpoint/figure.h"

#include "plugin/endpoint/plot_book.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

class FigureTest : public testing::Test {
 protected:
  // A reference to a new grid's column of so many bytes.
  std::string reference(std::size_t bytes) {
    Grid grid;
    grid.id = plots.take_id();
    grid.owner = "plant";
    grid.columns.push_back({"a", {}, "[\"" + std::string(bytes - 4, 'v') + "\"]"});
    grids.put(std::move(grid));
    return "plant:" + std::to_string(last_id()) + ":000000";
  }
  FileId last_id() {
    FileId last = 0;
    grids.each([&last](const Grid& grid) { last = grid.id; });
    return last;
  }
  Result<Figure> read(const std::string& data, const std::string& layout = "{}") {
    return read_figure(data, layout, [this](std::string_view name) { return grids.column(name); });
  }
  std::string refusal(const std::string& data, const std::string& layout = "{}") {
    const auto figure = read(data, layout);
    return figure ? "none" : figure.error().message;
  }

  Journal journal;
  PlotBook plots{std::size_t{128} << 20, journal};
  GridBook grids;
  StreamTable streams{100};
};

TEST_F(FigureTest, ReferencesAreNoCopiesAndCountEachTime) {
  const std::string column = reference(std::size_t{5} << 20);
  std::string trace = "{";
  for (int i = 0; i < 6; ++i) trace += "\"a" + std::to_string(i) + "src\":\"" + column + "\",";
  const std::string six = "[" + trace + "\"mode\":\"lines\"}]";
  const auto figure = read(six);
  ASSERT_TRUE(figure) << figure.error().message;
  ASSERT_EQ(figure->traces[0].columns.size(), 6U);
  for (const auto& [path, values] : figure->traces[0].columns) {
    EXPECT_EQ(values.data(), grids.column(column)->data());
  }
  EXPECT_EQ(figure->referenced_bytes, 6 * grids.column(column)->size());
  const std::string error = refusal("[" + trace + "\"ysrc\":\"" + column + "\"}]");
  EXPECT_NE(error.find("32 MiB"), std::string::npos) << error;
  EXPECT_NE(error.find("refer to shorter ones"), std::string::npos) << error;
}

TEST_F(FigureTest, AReferenceToNothingIsNotRepeatedWhole) {
  const std::string error =
      refusal("[{\"xsrc\":\"plant:1:" + std::string(std::size_t{1} << 20, 'x') + "\"}]");
  EXPECT_NE(error.find("names no column"), std::string::npos);
  EXPECT_LT(error.size(), 300U);
}

TEST_F(FigureTest, TokensNamesAndStylesAreBounded) {
  const std::string long_text(300, 't');
  EXPECT_NE(refusal(R"([{"stream":{"token":")" + long_text + "\"}}]").find("at most 256 bytes"),
            std::string::npos);
  EXPECT_NE(refusal("[{\"" + long_text + "\":1}]").find("more than 256 bytes"), std::string::npos);
  const std::string huge = '"' + std::string(300'000, 'v') + '"';
  EXPECT_NE(refusal("[{\"name\":" + huge + "}]").find("256 KiB"), std::string::npos);
  EXPECT_NE(refusal("[]", "{\"title\":" + huge + "}").find("256 KiB"), std::string::npos);
}

TEST_F(FigureTest, WhatIsCountedIsWhatThePlotsHold) {
  const auto sum = [this] {
    std::size_t bytes = 0;
    plots.each([&bytes](const Plot& plot) {
      bytes += PlotBook::kPlotBytes + plot.owner().size() + plot.name().size();
      bytes += plot.layout().bytes();
      for (const auto& member : plot.members()) {
        bytes += PlotBook::kTraceBytes + member.stream.size() + member.trace.style().bytes();
      }
    });
    return bytes;
  };
  const auto figure = read(R"([{"name":"a","stream":{"token":"t"}},{"mode":"lines"}])",
                           R"({"title":{"text":"T"}})");
  ASSERT_TRUE(figure);
  Plot& one = plots.add(PlotOrigin::kRest, "plant", "one", "{}");
  plots.fill(one, *figure, streams);
  EXPECT_EQ(plots.figure_bytes(), sum());
  plots.append(one, *figure, streams);
  EXPECT_EQ(plots.figure_bytes(), sum());
  plots.fill(plots.add(PlotOrigin::kRest, "plant", "two", "{}"), *figure, streams);
  EXPECT_EQ(plots.figure_bytes(), sum());
  plots.remove(one);
  EXPECT_EQ(plots.figure_bytes(), sum());
}

TEST_F(FigureTest, PlotsWithoutDataFillTheirLimitAndTheNextIsRefused) {
  std::string data = "[";
  for (int i = 0; i < 1000; ++i) data += i == 0 ? "{}" : ",{}";
  const auto figure = read(data + "]");
  ASSERT_TRUE(figure);
  std::size_t made = 0;
  for (; plots.no_room(*figure, nullptr, nullptr).empty(); ++made) {
    plots.fill(plots.add(PlotOrigin::kRest, "plant", "p", "{}"), *figure, streams);
    ASSERT_LT(made, 100U);
  }
  EXPECT_GE(made, 10U);
  EXPECT_LE(plots.figure_bytes(), PlotBook::kMostFigureBytes);
  EXPECT_NE(plots.no_room(*figure, nullptr, nullptr).find("delete some"), std::string_view::npos);
}

}  // namespace
}  // namespace plotbridge::endpoint
