// Concern: all names that publishers choose share one budget, which is never exceeded; what is
// heard again outlives what is heard once, and what grows pays for itself.
#include "plugin/base/state_memory.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace plotbridge {
namespace {

using namespace std::chrono_literals;
using Kind = StateMemory::Kind;
using Numbers = std::vector<int>;

class StateMemoryTest : public testing::Test {
 protected:
  explicit StateMemoryTest(std::size_t limit = 1600) : memory_(limit) { memory_.set_time(now_); }

  struct Name : StateMemory::Entry {
    Name(StateMemoryTest& test, int which, Kind kind)
        : Entry(test.memory_, kind, static_cast<std::uint64_t>(which)),
          owner(test),
          number(which) {}
    void forget() override { owner.known_.erase(number); }
    StateMemoryTest& owner;
    int number;
  };

  /// `number` is heard, with `bytes` when it is new; whether it has room.
  bool hear(int number, std::size_t bytes = 10, Kind kind = Kind::kEdgeNode) {
    if (const auto known = known_.find(number); known != known_.end()) {
      memory_.touch(*known->second);
      return true;
    }
    auto& name = known_[number] = std::make_unique<Name>(*this, number, kind);
    const bool good = memory_.reserve(*name, bytes);
    EXPECT_LE(memory_.used(), memory_.limit());
    if (!good) known_.erase(number);
    return good;
  }
  /// Heard now, and again when that counts.
  void establish(int first, int last, std::size_t bytes = 10) {
    for (int i = first; i <= last; ++i) hear(i, bytes);
    pass(2s);
    for (int i = first; i <= last; ++i) {
      EXPECT_TRUE(hear(i, bytes));
      EXPECT_TRUE(known_.at(i)->is_established()) << i;
    }
  }
  void pass(Duration time) { memory_.set_time(now_ += time); }
  void flood(int count, std::size_t bytes = 10, Kind kind = Kind::kEdgeNode) {
    for (int i = 0; i < count; ++i) EXPECT_TRUE(hear(next_invented_++, bytes, kind));
  }
  bool knows(int number) const { return known_.contains(number); }
  bool grow(int number, std::size_t bytes) { return memory_.reserve(*known_.at(number), bytes); }
  Numbers numbers() const {
    Numbers result;
    for (const auto& [number, name] : known_) result.push_back(number);
    return result;
  }

  StateMemory memory_;
  std::map<int, std::unique_ptr<Name>> known_;
  TimePoint now_ = kStart;
  int next_invented_ = 1'000'000;
};

TEST_F(StateMemoryTest, OfNewNamesTheOneHeardLeastRecentlyGoesFirst) {
  for (int i = 0; i < 160; ++i) hear(i);
  hear(0);
  hear(160);
  hear(161);
  EXPECT_TRUE(knows(0));
  EXPECT_FALSE(knows(1) || knows(2));
  EXPECT_EQ(known_.size(), 160U);
  EXPECT_EQ(memory_.used(), 1600U);
  EXPECT_EQ(memory_.evictions(Kind::kEdgeNode), 2U);
  EXPECT_EQ(memory_.evictions(), 2U);
}

TEST_F(StateMemoryTest, NewTopicsGoBeforeNewEdgeNodes) {
  flood(100);
  flood(1000, 10, Kind::kTopic);
  EXPECT_EQ(memory_.evictions(Kind::kEdgeNode), 0U);
  flood(100);
  EXPECT_EQ(memory_.evictions(Kind::kEdgeNode), 40U);
}

TEST_F(StateMemoryTest, WhatIsHeardAgainOutlivesAFloodHoweverRarelyItIsHeard) {
  establish(0, 9);
  flood(100'000);
  pass(24h);
  flood(100'000);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(knows(i)) << i;
}

TEST_F(StateMemoryTest, WhatIsHeardOftenInOneMomentIsNew) {
  for (int i = 0; i < 10; ++i) {
    hear(0);
    pass(50ms);
  }
  EXPECT_FALSE(known_.at(0)->is_established());
  flood(1000);
  EXPECT_FALSE(knows(0));
}

// Who repeats what they invent are like a plant; then what is heard least recently goes.
TEST_F(StateMemoryTest, RepeatedInventionsLeaveAQuarterToNewNamesAndKeepWhatIsHeard) {
  establish(0, 9);
  for (int round = 0; round < 50; ++round) {
    const int first = next_invented_;
    flood(60);
    pass(2s);
    for (int i = first; i < next_invented_; ++i) hear(i);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(knows(i)) << round;
    for (int i = 0; i < 10; ++i) hear(i);
  }
  std::size_t established = 0;
  for (const auto& [number, name] : known_) established += name->is_established() ? 10 : 0;
  EXPECT_LE(established, 1200U);
  EXPECT_GE(established, 1100U);
}

TEST_F(StateMemoryTest, OneHasHalfAtMostAndANewOneWhatEstablishedOnesLeave) {
  EXPECT_FALSE(hear(0, 801));
  EXPECT_TRUE(hear(0, 800));
  EXPECT_FALSE(grow(0, 1));
  establish(1, 120);
  EXPECT_FALSE(hear(200, 401));
  EXPECT_TRUE(hear(200, 400));
  EXPECT_TRUE(memory_.is_short(*known_.at(200)));
  for (int i = 1; i <= 120; ++i) EXPECT_TRUE(knows(i)) << i;
  pass(2s);
  hear(200);
  EXPECT_FALSE(known_.at(200)->is_established()) << "others were heard a moment ago";
  pass(1min);
  hear(200);
  EXPECT_FALSE(memory_.is_short(*known_.at(200)));
  EXPECT_TRUE(grow(200, 400)) << "it is established now";
  EXPECT_FALSE(grow(200, 1));
}

TEST_F(StateMemoryTest, OneInventedGiantCostsNoEstablishedNameAnything) {
  establish(0, 1, 300);
  establish(2, 41);
  for (int i = 0; i < 10; ++i) {
    hear(next_invented_++, 800);
    flood(1, 600);
  }
  for (int i = 0; i < 42; ++i) EXPECT_TRUE(knows(i)) << i;
}

TEST_F(StateMemoryTest, LargeOnesThatAreSilentMakeRoomForNewLargeOnes) {
  establish(0, 2, 400);
  pass(1min);
  hear(1);
  hear(2);
  establish(3, 3, 400);
  flood(100);
  EXPECT_FALSE(knows(0)) << "it was heard least recently";
  EXPECT_TRUE(knows(1) && knows(2) && knows(3));
  hear(4, 400);
  pass(2s);
  hear(4);
  flood(100);
  EXPECT_FALSE(knows(4)) << "more than an equal share, and the others are heard";
  EXPECT_TRUE(knows(1) && knows(2) && knows(3));
}

TEST_F(StateMemoryTest, LargeOnesThatComeOneAfterTheOtherTakeNothingFromTheMany) {
  establish(0, 79);
  for (int i = 100; i < 120; ++i) {
    hear(i, 400);
    pass(2s);
    hear(i);
    flood(100);
    for (int k = 0; k < 80; ++k) ASSERT_TRUE(hear(k) && known_.at(k)->is_established()) << i;
  }
  EXPECT_TRUE(knows(100)) << "there was room";
  EXPECT_FALSE(knows(119));
}

TEST_F(StateMemoryTest, TopicsGoBeforeEdgeNodesEvenWhenTheyAreEstablished) {
  establish(0, 59);
  for (int round = 0; round < 10; ++round) {
    const int first = next_invented_;
    flood(100, 10, Kind::kTopic);
    pass(2s);
    for (int i = first; i < next_invented_; ++i) hear(i, 10, Kind::kTopic);
  }
  flood(1000);
  establish(60, 89);
  establish(90, 119);
  flood(1000);
  for (int i = 0; i < 120; ++i) EXPECT_TRUE(knows(i)) << i;
}

TEST_F(StateMemoryTest, ThreeLargeOnesLiveInAllOfTheMemoryWhileNobodyElseNeedsIt) {
  establish(0, 2, 300);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(grow(i, 200)) << i;
  for (int round = 0; round < 10; ++round) {
    pass(2s);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(hear(i)) << i;
  }
  EXPECT_EQ(memory_.used(), 1500U);
  EXPECT_EQ(memory_.evictions(), 0U);
  flood(1000);
  EXPECT_EQ(knows(0) + knows(1) + knows(2), 2) << "three quarters have room for two";
}

TEST_F(StateMemoryTest, WhatGrowsPushesOthersOutAndNeverItself) {
  for (int i = 0; i < 160; ++i) hear(i);
  EXPECT_TRUE(grow(0, 700));
  EXPECT_EQ(known_.size(), 90U);
  EXPECT_TRUE(knows(0));
  EXPECT_FALSE(knows(70));
  EXPECT_EQ(memory_.used(), 1600U);
}

TEST_F(StateMemoryTest, WhatIsHeldStays) {
  hear(0);
  memory_.hold(known_.at(0).get());
  flood(1000);
  EXPECT_TRUE(knows(0));
  memory_.hold(nullptr);
  flood(200);
  EXPECT_FALSE(knows(0));
}

TEST_F(StateMemoryTest, WhatEndsGivesItsBytesBack) {
  hear(0, 400);
  establish(1, 1, 400);
  memory_.release(*known_.at(0), 300);
  memory_.release(*known_.at(1), 390);
  EXPECT_EQ(memory_.used(), 110U);
  known_.clear();
  EXPECT_EQ(memory_.used(), 0U);
  flood(200);
  EXPECT_EQ(known_.size(), 160U);
}

class LargeStateMemoryTest : public StateMemoryTest {
 protected:
  LargeStateMemoryTest() : StateMemoryTest(160'000) {}
  /// What `n` invented names cost that are each heard twice, with a large one now and then.
  std::uint64_t cost_of(int n) {
    const std::uint64_t before = memory_.visits();
    for (int i = 0; i < n; ++i) {
      const int first = next_invented_;
      flood(10);
      if (i % 10 == 0) hear(next_invented_++, 40'000);
      pass(2s);
      for (int k = first; k < next_invented_; ++k) hear(k);
    }
    return memory_.visits() - before;
  }
};

// It is pushed out before it is heard again, each time.
TEST_F(LargeStateMemoryTest, ANewNameBecomesEstablishedDuringAFlood) {
  establish(0, 119, 1000);
  for (int number = 200; number < 210; ++number) {
    hear(number, 100);
    flood(450, 100);
    ASSERT_FALSE(knows(number));
    int times = 1;
    do {
      ASSERT_LT(++times, 50);
      pass(2s);
      hear(number, 100);
    } while (!known_.at(number)->is_established() && (flood(450, 100), true));
  }
  for (int i = 10; i < 120; ++i) EXPECT_TRUE(knows(i)) << "is established already: " << i;
}

TEST_F(LargeStateMemoryTest, TheCostFollowsWhatIsHeard) {
  cost_of(2000);
  const std::uint64_t few = cost_of(1000);
  EXPECT_LE(few, 4U * 10'000);
  EXPECT_LE(cost_of(4000), 4 * few + few / 10);
}

TEST(FirstHeard, KnowsSinceWhenUntilOthersTakeTheSlot) {
  FirstHeard names(4096);
  EXPECT_EQ(names.note(1, kStart), kStart);
  EXPECT_EQ(names.note(1, kStart), kStart);
  for (const auto& after : {300ms, 1000ms, 5000ms, 3'600'000ms}) {
    const TimePoint first = names.note(1, kStart + after);
    EXPECT_GE(first, kStart);
    EXPECT_LE(first, kStart + 2 * FirstHeard::kTick);
  }
  for (std::uint64_t i = 2; i < 100'000; ++i) names.note(i, kStart + 5s);
  EXPECT_EQ(names.note(1, kStart + 6s), kStart + 6s);
}

TEST(FirstHeard, MostNamesAreKnownWhileFewerCameThanItHasSlots) {
  FirstHeard names(4096);
  for (std::uint64_t i = 0; i < 500; ++i) names.note(i, kStart);
  int known = 0;
  for (std::uint64_t i = 0; i < 500; ++i) known += names.note(i, kStart + 5s) < kStart + 5s ? 1 : 0;
  // Those that are alone in their slot: 500 * exp(-500 / 1024) = 307 on average.
  EXPECT_GT(known, 200);
}

// When it was heard first is known, so it counts as established from the start.
TEST_F(LargeStateMemoryTest, WhoComesBackIsTakenLikeANewNameWhileOthersFillTheirPart) {
  establish(0, 14, 8000);
  for (const Kind kind : {Kind::kEdgeNode, Kind::kTopic}) {
    const int number = kind == Kind::kTopic ? 100 : 200;
    EXPECT_TRUE(hear(number, 8000, kind));
    flood(10, 8000, kind);
    ASSERT_FALSE(knows(number));
    pass(2s);
    for (int i = 0; i < 15; ++i) hear(i);
    EXPECT_TRUE(hear(number, 8000, kind));
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(known_.at(i)->is_established()) << i;
  }
}

}  // namespace
}  // namespace plotbridge
