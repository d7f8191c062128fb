// Concern: of all lines in flight the one bad line is found in few connections, and no good one is
// put aside.
#include "plugin/stream/bad_line_search.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plotbridge::stream {
namespace {

using Verdict = BadLineSearch::Verdict;

RangeSet set_of(std::initializer_list<OffsetRange> ranges) {
  RangeSet set;
  for (const OffsetRange& range : ranges) set.add(range);
  return set;
}

struct Found {
  std::optional<std::uint64_t> culprit;
  int connections = 0;
};

// An endpoint that refuses line `bad`.
Found search(const RangeSet& in_flight, std::uint64_t bad) {
  Found found;
  BadLineSearch search;
  Verdict verdict = search.begin(in_flight);
  while (verdict == Verdict::kGoOn) {
    ++found.connections;
    EXPECT_FALSE(search.half().empty());
    verdict = search.half().contains(bad) ? search.refused() : search.accepted();
  }
  if (verdict == Verdict::kFound) found.culprit = search.culprit();
  EXPECT_FALSE(search.active());
  return found;
}

TEST(BadLineSearch, FindsTheBadLineOfAnyNumberInFewConnections) {
  for (std::uint64_t lines = 1; lines <= 300; ++lines) {
    for (std::uint64_t bad = 0; bad < lines; ++bad) {
      const Found found = search(set_of({{1000, 1000 + lines}}), 1000 + bad);
      ASSERT_EQ(found.culprit, 1000 + bad) << lines << " lines";
      ASSERT_LE(found.connections, std::log2(lines) + 2) << lines << " lines, bad " << bad;
    }
  }
}

TEST(BadLineSearch, FindsItAmongLinesThatAreNotNextToEachOther) {
  const RangeSet in_flight = set_of({{3, 4}, {10, 17}, {20, 21}, {1'000, 1'003}});
  for (const OffsetRange& range : in_flight.ranges()) {
    for (std::uint64_t bad = range.from; bad < range.to; ++bad) {
      EXPECT_EQ(search(in_flight, bad).culprit, bad);
    }
  }
}

TEST(BadLineSearch, OneLineInFlightIsTheOne) {
  BadLineSearch search;
  EXPECT_EQ(search.begin(set_of({{7, 8}})), Verdict::kFound);
  EXPECT_EQ(search.culprit(), 7U);
  EXPECT_FALSE(search.active());
}

TEST(BadLineSearch, SilenceCountsAsAcceptedTheThirdTimeInTurn) {
  BadLineSearch search;
  search.begin(set_of({{0, 8}}));
  EXPECT_FALSE(search.unanswered());
  EXPECT_FALSE(search.unanswered());
  EXPECT_TRUE(search.unanswered());
  search.accepted();
  EXPECT_FALSE(search.unanswered());
}

TEST(BadLineSearch, AnEndpointThatChangesItsMindCostsNoLine) {
  EXPECT_EQ(search(set_of({{0, 100}}), 1'000).culprit, std::nullopt);
}

TEST(BadLineSearch, LinesThatHadToGoMeanwhileAreNotSuspectedAnyMore) {
  BadLineSearch search;
  search.begin(set_of({{0, 8}}));
  search.keep(set_of({{5, 8}}));
  EXPECT_TRUE(search.active());
  EXPECT_EQ(search.half().ranges(), set_of({{5, 6}}).ranges());
  search.keep({});
  EXPECT_FALSE(search.active());
}

}  // namespace
}  // namespace plotbridge::stream
