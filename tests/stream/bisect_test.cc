// Concern: of all lines on the way the one bad line is found in few connections, and no good one is
// put aside.
#include "plugin/stream/bisect.h"

#include <gtest/gtest.h>

#include <cmath>

namespace plotbridge::stream {
namespace {

using Verdict = Bisect::Verdict;

struct Search {
  std::uint64_t found = 0;
  int connections = 0;
  bool over = false;
};

// An endpoint that refuses line `bad`.
Search search(std::uint64_t from, std::uint64_t to, std::uint64_t bad) {
  Search result;
  Bisect bisect;
  Verdict verdict = bisect.begin(from, to);
  while (verdict == Verdict::kGoOn) {
    ++result.connections;
    const bool refused = bad >= bisect.oldest() && bad < bisect.limit();
    verdict = refused ? bisect.refused() : bisect.taken();
  }
  result.over = verdict == Verdict::kOver;
  result.found = bisect.oldest();
  EXPECT_FALSE(bisect.active());
  return result;
}

TEST(Bisect, FindsTheBadLineOfAnyNumberInFewConnections) {
  for (std::uint64_t lines = 1; lines <= 300; ++lines) {
    for (std::uint64_t bad = 0; bad < lines; ++bad) {
      const Search result = search(1000, 1000 + lines, 1000 + bad);
      ASSERT_FALSE(result.over);
      ASSERT_EQ(result.found, 1000 + bad) << lines << " lines";
      ASSERT_LE(result.connections, std::log2(lines) + 2) << lines << " lines, bad " << bad;
    }
  }
}

TEST(Bisect, OneLineOnTheWayIsTheOne) {
  Bisect bisect;
  EXPECT_EQ(bisect.begin(7, 8), Verdict::kCulprit);
  EXPECT_EQ(bisect.oldest(), 7u);
  EXPECT_FALSE(bisect.active());
}

TEST(Bisect, SilenceCountsAsTakenTheThirdTimeInTurn) {
  Bisect bisect;
  bisect.begin(0, 8);
  EXPECT_FALSE(bisect.unanswered());
  EXPECT_FALSE(bisect.unanswered());
  EXPECT_TRUE(bisect.unanswered());
  bisect.taken();
  EXPECT_FALSE(bisect.unanswered());
}

TEST(Bisect, EndpointThatChangesItsMindCostsNoLine) {
  const Search result = search(0, 100, 1000);
  EXPECT_TRUE(result.over);
}

TEST(Bisect, LinesThatHadToGoMeanwhileAreNotSuspectedAnyMore) {
  Bisect bisect;
  bisect.begin(0, 8);
  bisect.advance_to(5);
  EXPECT_GE(bisect.limit(), 6u);
  EXPECT_TRUE(bisect.active());
  bisect.advance_to(8);
  EXPECT_FALSE(bisect.active());
}

}  // namespace
}  // namespace plotbridge::stream
