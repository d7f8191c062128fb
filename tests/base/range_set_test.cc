// Concern: ranges are the set of offsets that were added, sorted and never touching, and what is
// added is counted once.
#include "plugin/base/range_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace plotbridge {
namespace {

using Ranges = std::vector<OffsetRange>;

void check_invariants(const RangeSet& set) {
  const Ranges& ranges = set.ranges();
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    ASSERT_LT(ranges[i].from, ranges[i].to);
    ASSERT_TRUE(i == 0 || ranges[i - 1].to < ranges[i].from) << "they touch";
    size += ranges[i].size();
  }
  ASSERT_EQ(size, set.size());
}

TEST(RangeSet, JoinsWhatTouchesAndCountsWhatIsNew) {
  struct Row {
    OffsetRange add;
    std::uint64_t added;
    Ranges then;
  };
  RangeSet set;
  for (const Row& row : {Row{{5, 5}, 0, {}},
                         {{10, 20}, 10, {{10, 20}}},
                         {{10, 20}, 0, {{10, 20}}},
                         {{30, 40}, 10, {{10, 20}, {30, 40}}},
                         {{20, 21}, 1, {{10, 21}, {30, 40}}},
                         {{29, 30}, 1, {{10, 21}, {29, 40}}},
                         {{0, 1}, 1, {{0, 1}, {10, 21}, {29, 40}}},
                         {{15, 35}, 8, {{0, 1}, {10, 40}}},
                         {{0, 100}, 69, {{0, 100}}}}) {
    EXPECT_EQ(set.add(row.add), row.added);
    EXPECT_EQ(set.ranges(), row.then);
    check_invariants(set);
  }
}

TEST(RangeSet, FindsGapsAndMembersFromAnOffsetOn) {
  RangeSet set;
  EXPECT_EQ(set.first_gap(7), 7U);
  EXPECT_EQ(set.first_in(7), RangeSet::kNone);
  set.add({2, 4});
  set.add({6, 8});
  const std::vector<std::uint64_t> gaps{0, 1, 4, 4, 4, 5, 8, 8, 8};
  const std::vector<std::uint64_t> members{2, 2, 2, 3, 6, 6, 6, 7, RangeSet::kNone};
  for (std::uint64_t at = 0; at < gaps.size(); ++at) {
    EXPECT_EQ(set.first_gap(at), gaps[at]) << at;
    EXPECT_EQ(set.first_in(at), members[at]) << at;
    EXPECT_EQ(set.contains(at), gaps[at] != at) << at;
  }
  Ranges between;
  set.each_gap({1, 10}, [&](OffsetRange gap) { between.push_back(gap); });
  EXPECT_EQ(between, (Ranges{{1, 2}, {4, 6}, {8, 10}}));
  Ranges inside;
  set.each_part({3, 7}, [&](OffsetRange part) { inside.push_back(part); });
  EXPECT_EQ(inside, (Ranges{{3, 4}, {6, 7}}));
}

// Every set of small ranges, added and removed in every order, beside a set of numbers.
TEST(RangeSet, IsTheSetOfWhatWasAddedAndNotRemoved) {
  std::mt19937 random(5);
  for (int run = 0; run < 300; ++run) {
    RangeSet set;
    std::set<std::uint64_t> expected;
    for (int step = 0; step < 40; ++step) {
      const std::uint64_t from = random() % 30;
      const OffsetRange range{from, from + random() % 6};
      const std::size_t before = expected.size();
      if (random() % 3 == 0) {
        for (std::uint64_t at = range.from; at < range.to; ++at) expected.erase(at);
        set.remove(range);
      } else {
        for (std::uint64_t at = range.from; at < range.to; ++at) expected.insert(at);
        ASSERT_EQ(range.size() == 1 ? set.add(range.from) : set.add(range),
                  expected.size() - before);
      }
      check_invariants(set);
      for (std::uint64_t at = 0; at < 40; ++at) ASSERT_EQ(set.contains(at), expected.contains(at));
      const std::uint64_t to = from + random() % 20;
      const auto between =
          std::ranges::count_if(expected, [&](std::uint64_t at) { return from <= at && at < to; });
      ASSERT_EQ(set.count({from, to}), static_cast<std::uint64_t>(between));
    }
  }
}

TEST(RangeSet, KnowsWhatComesNextAndWhatTouches) {
  RangeSet set;
  EXPECT_FALSE(set.comes_next(0));
  EXPECT_FALSE(set.touches({0, 1}));
  set.add({10, 20});
  set.add({30, 40});
  EXPECT_TRUE(set.comes_next(40));
  EXPECT_FALSE(set.comes_next(20)) << "the other grew last";
  EXPECT_EQ(set.add(20), 1U);
  EXPECT_TRUE(set.comes_next(21));
  for (std::uint64_t at = 21; at < 30; ++at) EXPECT_EQ(set.add(at), 1U);
  EXPECT_EQ(set.ranges(), (Ranges{{10, 40}})) << "the last one joins both";
  EXPECT_TRUE(set.comes_next(40));
  EXPECT_EQ(set.add(15), 0U);
  EXPECT_TRUE(set.contains(OffsetRange{10, 40}));
  EXPECT_FALSE(set.contains(OffsetRange{10, 41}));
  EXPECT_FALSE(set.contains(OffsetRange{9, 11}));
  for (const OffsetRange near : {OffsetRange{9, 10}, {40, 41}, {0, 100}, {15, 16}, {0, 10}}) {
    EXPECT_TRUE(set.touches(near)) << near.from << ' ' << near.to;
  }
  EXPECT_FALSE(set.touches({0, 9}));
  EXPECT_FALSE(set.touches({41, 50}));
}

TEST(RangeSet, GivesMemoryBackWhenRangesJoinOrGo) {
  for (const bool join : {true, false}) {
    RangeSet set;
    for (std::uint64_t i = 0; i < 2048; ++i) set.add(2 * i);
    EXPECT_GE(set.ranges().capacity(), 2048U);
    join ? static_cast<void>(set.add({0, 5000})) : set.remove({10, 5000});
    EXPECT_LE(set.ranges().capacity(), 16U);
    EXPECT_EQ(set.add(5000), 1U);
  }
}

// A stream whose lines arrive in order keeps one range, one of which two parts go in turns keeps
// two.
TEST(RangeSet, StaysSmallHoweverManyOffsetsItHas) {
  RangeSet set;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    set.add(i);
    if (i % 3 == 0) set.add(5'000'000 + i / 3);
  }
  EXPECT_EQ(set.ranges().size(), 2U);
  EXPECT_FALSE(set.has_many());
}

}  // namespace
}  // namespace plotbridge
