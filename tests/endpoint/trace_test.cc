// Concern: columns stay aligned and bounded, and what readers are told adds up to the window they
// would get.
#include "plugin/endpoint/trace.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

class TraceTest : public testing::Test {
 protected:
  bool take(std::string_view line) {
    LineParser parser;
    return trace.apply(*parser.parse(line));
  }
  std::string window() const {
    std::string out;
    trace.write_window(out);
    return out;
  }
  std::string told() {
    std::string out;
    trace.write_untold(out);
    trace.mark_told();
    return out;
  }

  WindowBudget budget{std::size_t{1} << 30};
  Trace trace{3, R"({"type":"scatter"})", budget};
};

TEST_F(TraceTest, KeepsTheNewestPoints) {
  for (int i = 1; i <= 5; ++i) {
    const std::string n = std::to_string(i);
    take("{\"x\":" + n + ",\"y\":" + n + ".50}");
  }
  EXPECT_EQ(window(),
            R"({"columns":{"x":[3,4,5],"y":[3.50,4.50,5.50]},"style":{"type":"scatter"}})");
}

TEST_F(TraceTest, FillsWhatAPointLacksWithGaps) {
  take(R"({"x":1,"y":1})");
  take(R"({"x":2})");
  EXPECT_EQ(told(), R"({"append":{"x":[1,2],"y":[1,null]}})");
  take(R"({"x":3,"y":3,"text":"late"})");
  EXPECT_EQ(window(), R"({"columns":{"text":[null,null,"late"],"x":[1,2,3],"y":[1,null,3]},)"
                      R"("style":{"type":"scatter"}})");
  // A column that begins later is told whole, with the others, so that nobody has to guess its
  // beginning.
  EXPECT_EQ(told(), R"({"replace":{"text":[null,null,"late"],"x":[1,2,3],"y":[1,null,3]}})");
}

TEST_F(TraceTest, TellsOnlyWhatCameSince) {
  take(R"({"x":1,"y":1})");
  told();
  EXPECT_FALSE(trace.untold());
  take(R"({"x":2,"y":2})");
  take(R"({"x":3,"y":3})");
  EXPECT_TRUE(trace.untold());
  EXPECT_EQ(told(), R"({"append":{"x":[2,3],"y":[2,3]}})");
}

TEST_F(TraceTest, TellsNoMorePointsThanAReaderMayKeep) {
  for (int i = 0; i < 100; ++i) take("{\"y\":" + std::to_string(i) + "}");
  EXPECT_EQ(told(), R"({"append":{"y":[97,98,99]}})");
}

TEST_F(TraceTest, ArraysReplaceWholeColumns) {
  take(R"({"x":1,"y":1})");
  take(R"({"x":[10, 20],"y":["a,b","]"]})");
  EXPECT_EQ(told(), R"({"replace":{"x":[10,20],"y":["a,b","]"]}})");
  take(R"({"x":30,"y":3})");
  EXPECT_EQ(told(), R"({"append":{"x":[30],"y":[3]}})");
  take(R"({"x":[],"y":[]})");
  EXPECT_EQ(told(), R"({"replace":{"x":[],"y":[]}})");
}

TEST_F(TraceTest, ArraysOfUnequalLengthAreAlignedByTheNextPoint) {
  take(R"({"x":[1,2],"y":[1]})");
  told();
  take(R"({"x":3,"y":3})");
  EXPECT_EQ(told(), R"({"replace":{"x":[1,2,3],"y":[1,null,3]}})");
}

TEST_F(TraceTest, KeepsEveryRowOfAHeatmap) {
  take(R"({"z":[[1,2],[3,4],[5,6],[7,8]],"x":[1,2,3,4]})");
  EXPECT_EQ(told(), R"({"replace":{"x":[1,2,3,4],"z":[[1,2],[3,4],[5,6],[7,8]]}})");
}

TEST_F(TraceTest, AWindowHasNoLineEndsEvenIfTheClientSentThem) {
  take("{\"z\":[[1,\r2]]}");
  EXPECT_EQ(told(), R"({"replace":{"z":[[1, 2]]}})");
}

TEST_F(TraceTest, StyleIsMergedAndToldOnce) {
  take(R"({"line":{"color":"red"}})");
  EXPECT_EQ(told(), R"({"style":{"line":{"color":"red"}}})");
  take(R"({"line":{"color":"red"}})");
  EXPECT_FALSE(trace.untold());
  EXPECT_EQ(window(), R"({"columns":{},"style":{"line":{"color":"red"},"type":"scatter"}})");
}

TEST_F(TraceTest, CountsOfWhatMustBeToldWholeTheColumnsAlone) {
  Trace wide{3, "{\"text0\":\"" + std::string(300'000, 'w') + "\"}", budget};
  LineParser parser;
  wide.apply(*parser.parse(R"({"y":[1,2]})"));
  EXPECT_GT(wide.rewritten_bytes(), 0U);
  EXPECT_LT(wide.rewritten_bytes(), 1'000U);
  wide.mark_told();
  EXPECT_EQ(wide.rewritten_bytes(), 0U);
}

TEST_F(TraceTest, OneColourForAllTakesThePlaceOfAColourForEachPoint) {
  take(R"({"y":1,"marker":{"color":"red"}})");
  told();
  take(R"({"marker":{"color":"blue"}})");
  EXPECT_TRUE(trace.needs_window());
  EXPECT_EQ(window(),
            R"({"columns":{"y":[1]},"style":{"marker":{"color":"blue"},"type":"scatter"}})");
}

TEST_F(TraceTest, MaxPointsZeroKeepsNothing) {
  Trace nothing(0, "{}", budget);
  LineParser parser;
  nothing.apply(*parser.parse(R"({"x":1,"y":1})"));
  std::string out;
  nothing.write_window(out);
  EXPECT_EQ(out, R"({"columns":{"x":[],"y":[]},"style":{}})");
}

TEST_F(TraceTest, TheNumberOfColumnsIsBounded) {
  std::string line = "{\"y\":[1]";
  for (std::size_t i = 0; i < Trace::kMaxColumns; ++i)
    line += ",\"c" + std::to_string(i) + "\":[1]";
  EXPECT_FALSE(take(line + "}"));
}

TEST_F(TraceTest, LargeValuesShortenTheWindowInsteadOfFillingTheMemory) {
  const std::string big(1 << 20, 'a');
  Trace wide(1000, "{}", budget);
  LineParser parser;
  for (int i = 0; i < 10; ++i) {
    const std::string line = "{\"text\":\"" + big.substr(40) + "\",\"y\":1}";
    wide.apply(*parser.parse(line));
  }
  EXPECT_LE(budget.used(), Trace::kMaxBytes);
  EXPECT_GT(budget.used(), Trace::kMaxBytes / 2);
}

TEST_F(TraceTest, KeepsTheNewestOfALongColumnAndNoMemoryForTheRest) {
  std::string y = "[0";
  for (int i = 1; i < 300'000; ++i) y += "," + std::to_string(i);
  take("{\"y\":" + y + "]}");
  EXPECT_EQ(told(), R"({"replace":{"y":[299997,299998,299999]}})");
  EXPECT_LT(budget.used(), 1000U);
}

TEST_F(TraceTest, AHeatmapHasNoMoreRowsThanATraceHasPoints) {
  std::string z = "[[0]";
  for (std::size_t i = 1; i < Trace::kMaxPoints + 10; ++i) z += ",[" + std::to_string(i) + "]";
  take("{\"z\":" + z + "]}");
  EXPECT_TRUE(window().starts_with(R"({"columns":{"z":[[10],[11],)"));
  const std::string longer = "[1" + z.substr(4) + "]";
  trace.extend({{"x", longer}});
  EXPECT_LT(budget.used(), 20 * Trace::kMaxPoints);
}

TEST_F(TraceTest, NamesOfColumnsAndStyleCount) {
  const std::size_t before = budget.used();
  const std::string name(200, 'n');
  take("{\"" + name + "\":[1]}");
  EXPECT_GE(budget.used(), before + name.size() + Trace::kColumnBytes);
  const std::size_t with_column = budget.used();
  take(R"({"line":{"color":"red"}})");
  told();
  EXPECT_GE(budget.used(), with_column + Attributes::kLeafBytes);
  EXPECT_EQ(budget.used(), trace.bytes());
}

TEST(WindowBudget, AUsedUpBudgetTakesNoMoreNamesAndStyles) {
  WindowBudget budget(0);
  LineParser parser;
  Trace trace(100, "{}", budget);
  budget.move(0, 1);
  std::string columns = R"({"y":[1])";
  std::string style = R"({"mode":"lines")";
  for (int i = 0; i < 60; ++i) {
    const std::string name = std::to_string(i) + std::string(190, 'n');
    columns += ",\"" + name + "\":[1]";
    style += ",\"s" + name + "\":1";
  }
  EXPECT_FALSE(trace.apply(*parser.parse(columns + "}")));
  EXPECT_FALSE(trace.apply(*parser.parse(style + "}")));
  EXPECT_LE(budget.used(), 4 * Trace::kReservedBytes);
  EXPECT_TRUE(trace.apply(*parser.parse(R"({"mode":"marker","y":2})"))) << "what is there changes";
}

TEST(WindowBudget, AUsedUpBudgetLeavesEveryTraceALittle) {
  WindowBudget budget(10'000);
  LineParser parser;
  {
    Trace first(10'000, "{}", budget);
    Trace second(10'000, "{}", budget);
    for (int i = 0; i < 5'000; ++i) first.apply(*parser.parse(R"({"y":12345})"));
    const std::size_t alone = budget.used();
    EXPECT_LE(alone, 10'000U);
    for (int i = 0; i < 5'000; ++i) second.apply(*parser.parse(R"({"y":12345})"));
    EXPECT_GT(budget.used(), alone + Trace::kReservedBytes / 2);
    EXPECT_LE(budget.used(), 10'000U + Trace::kReservedBytes + 2 * Trace::kColumnBytes);
  }
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace plotbridge::endpoint
