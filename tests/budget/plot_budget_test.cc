// Concern: what lines rewrite of a plot is not written ten times a second as frames that no feed
// keeps.
#include "plugin/endpoint/line_parser.h"
#include "plugin/endpoint/plot.h"

#include "tests/support/heap/allocations.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace plotbridge::endpoint {
namespace {

std::string line_of(std::size_t values) {
  std::string text = "{\"z\":[[1";
  for (std::size_t i = 1; i < values; ++i) text += ",1";
  return text + "]]}";
}

/// What cutting a frame takes for a moment after each of `traces` was rewritten with so many
/// values.
std::size_t cost_of_frame(std::size_t traces, std::size_t values) {
  WindowBudget budget{std::size_t{1} << 30};
  Plot plot(1, PlotOrigin::kConfig, "", "p", "{}", budget);
  LineParser parser;
  const std::string line = line_of(values);
  for (std::size_t i = 0; i < traces; ++i) {
    plot.add_trace("s" + std::to_string(i), std::nullopt, 10, "{}");
    plot.apply(i, *parser.parse(line));
  }
  const std::size_t before = allocations_since_last_call().held;
  plot.cut_frame();
  return allocations_since_last_call().most - before;
}

TEST(PlotBudget, ColumnsThatNoFeedKeepsAreNotWrittenAsAFrame) {
  EXPECT_GT(cost_of_frame(1, 10'000), 10'000U) << "a frame";
  EXPECT_LT(cost_of_frame(1, Feed::kMaxBytes), 1'000U);
  EXPECT_LT(cost_of_frame(4, Feed::kMaxBytes / 4), 1'000U) << "all traces together";
}

}  // namespace
}  // namespace plotbridge::endpoint
