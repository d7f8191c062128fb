// Concern: a plot is read back in small parts, each trace as it was at one moment, whatever comes
// meanwhile; and what that keeps in memory is known.
#include "plugin/endpoint/figure_reader.h"

#include "plugin/endpoint/figure.h"
#include "plugin/endpoint/plot_book.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace plotbridge::endpoint {
namespace {

using nlohmann::json;

class FigureReaderTest : public testing::Test {
 protected:
  using State = PartReader::State;

  Plot& make(const std::string& data, const std::string& layout = "{}") {
    Plot& plot = plots.add(PlotOrigin::kRest, "plant", "p", "{}");
    fill(plot, data, layout);
    return plot;
  }
  void fill(Plot& plot, const std::string& data, const std::string& layout = "{}") {
    const auto figure = read_figure(
        data, layout, [](std::string_view) { return std::optional<std::string_view>(); });
    ASSERT_TRUE(figure);
    plots.fill(plot, *figure, streams);
  }
  void add_points(Plot& plot, std::size_t trace, int first, int count) {
    for (int i = first; i < first + count; ++i) {
      const std::string line = "{\"x\":" + std::to_string(i) + ",\"y\":" + std::to_string(i) + '}';
      plot.apply(trace, *parser.parse(line));
    }
  }
  static std::string read_all(FigureReader& reader) {
    std::string all;
    for (State state = State::kMore; state == State::kMore;) {
      std::string part;
      state = reader.read(part, kStart);
      EXPECT_LE(part.size(), PartReader::kPartBytes + Attributes::kMaxBytes);
      EXPECT_NE(state, State::kLost);
      all += part;
    }
    return all;
  }

  Journal journal;
  StreamTable streams{100};
  PlotBook plots{std::size_t{128} << 20, journal};
  LineParser parser;
};

constexpr const char* kLong = R"([{"type":"scatter","x":[0],"y":[0],"stream":{"token":"t",
    "maxpoints":10000}},{"x":[0],"y":[0],"stream":{"token":"u","maxpoints":10000}}])";

TEST_F(FigureReaderTest, GivesStyleColumnsAndLayoutOfEveryTrace) {
  Plot& plot = make(
      R"([{"type":"bar","x":[1,2],"marker":{"color":["a","b"],"line":{"width":3}},"text":[]},{}])",
      R"({"title":{"text":"t"}})");
  FigureReader reader(plot.shared_from_this());
  EXPECT_EQ(json::parse(read_all(reader)), json::parse(R"({"data":[{"type":"bar","x":[1,2],
      "marker":{"color":["a","b"],"line":{"width":3}},"text":[]},{}],
      "layout":{"title":{"text":"t"}}})"));
  Plot& empty = make("[]");
  FigureReader of_nothing(empty.shared_from_this());
  EXPECT_EQ(read_all(of_nothing), R"({"data":[],"layout":{}})");
}

TEST_F(FigureReaderTest, ATraceStaysAsItWasWhenItsTurnCame) {
  Plot& plot = make(kLong);
  add_points(plot, 0, 1, 9999);
  FigureReader reader(plot.shared_from_this());
  std::string text;
  ASSERT_EQ(reader.read(text, kStart), State::kMore);
  EXPECT_LE(text.size(), PartReader::kPartBytes);
  // All of its points go, and others come.
  add_points(plot, 0, 100'000, 30'000);
  add_points(plot, 1, 1, 10);
  const json figure = json::parse(text + read_all(reader));
  ASSERT_EQ(figure["data"][0]["x"].size(), 10'000U);
  ASSERT_EQ(figure["data"][0]["y"].size(), 10'000U);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_EQ(figure["data"][0]["x"][i], i);
    ASSERT_EQ(figure["data"][0]["y"][i], i);
  }
  EXPECT_EQ(figure["data"][1]["x"].size(), 11U) << "its turn came later";
  FigureReader again(plot.shared_from_this());
  EXPECT_EQ(json::parse(read_all(again))["data"][0]["x"][0], 120'000);
}

TEST_F(FigureReaderTest, CountsWhatItAloneHas) {
  Plot& plot = make(kLong);
  add_points(plot, 0, 1, 9999);
  const std::size_t values = plot.members()[0].trace.bytes();
  FigureReader reader(plot.shared_from_this());
  EXPECT_EQ(reader.held_bytes(), 0U);
  std::string text;
  reader.read(text, kStart);
  EXPECT_LE(reader.held_bytes(), 1000U) << "what the plot has anyway is the plot's";
  plot.apply(0, *parser.parse(R"({"x":[1],"y":[2]})"));
  EXPECT_GE(reader.held_bytes(), values / 3);
  read_all(reader);
  EXPECT_EQ(reader.held_bytes(), 0U);
}

TEST_F(FigureReaderTest, EndsWithoutAFigureWhenThePlotIsAnother) {
  Plot& plot = make(kLong);
  add_points(plot, 0, 1, 9999);
  FigureReader reader(plot.shared_from_this());
  std::string text;
  ASSERT_EQ(reader.read(text, kStart), State::kMore);
  const auto kept = plot.shared_from_this();
  fill(plot, kLong);
  EXPECT_GT(reader.held_bytes(), 10'000U);
  EXPECT_EQ(reader.read(text, kStart), State::kLost);
  FigureReader of_another(plot.shared_from_this());
  plots.remove(plot);
  EXPECT_EQ(of_another.read(text, kStart), State::kLost);
}

TEST_F(FigureReaderTest, KnowsHowLongAFigureIsBeforeItIsRead) {
  Plot& plot = make(kLong, R"({"title":"a layout"})");
  add_points(plot, 0, 1, 5000);
  FigureReader reader(plot.shared_from_this());
  const std::size_t size = read_all(reader).size();
  EXPECT_NEAR(static_cast<double>(plot.text_bytes()), static_cast<double>(size), 200.0);
}

}  // namespace
}  // namespace plotbridge::endpoint
