// Concern: all names that publishers choose share one budget, which is never exceeded; what was
// heard least recently goes first.
#include "plugin/base/state_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace plotbridge {
namespace {

struct Names {
  struct Name : StateMemory::Entry {
    Name(Names& all, int which) : Entry(all.memory, StateMemory::Kind::kTopic), names(all) {
      number = which;
    }
    void forget() override {
      Names& all = names;
      std::erase_if(all.known, [this](const auto& name) { return name.get() == this; });
    }
    Names& names;
    int number = 0;
  };

  Name& add(int number, std::size_t bytes) {
    known.push_back(std::make_unique<Name>(*this, number));
    Name& name = *known.back();
    if (!memory.reserve(name, bytes)) ADD_FAILURE() << "no room for " << number;
    EXPECT_LE(memory.used(), memory.limit());
    return name;
  }
  std::vector<int> numbers() const {
    std::vector<int> result;
    for (const auto& name : known) result.push_back(name->number);
    return result;
  }

  StateMemory memory{160};
  std::vector<std::unique_ptr<Name>> known;
};

using Numbers = std::vector<int>;

TEST(StateMemory, WhatWasHeardLeastRecentlyGoesFirst) {
  Names names;
  Names::Name& first = names.add(0, 10);
  for (int i = 1; i < 16; ++i) names.add(i, 10);
  names.memory.touch(first);
  names.add(16, 10);
  names.add(17, 10);
  EXPECT_EQ(names.numbers(), (Numbers{0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}));
  EXPECT_EQ(names.memory.used(), 160U);
  EXPECT_EQ(names.memory.evictions(StateMemory::Kind::kTopic), 2U);
  EXPECT_EQ(names.memory.evictions(StateMemory::Kind::kEdgeNode), 0U);
}

TEST(StateMemory, WhatGrowsPushesOthersOutAndNeverItself) {
  Names names;
  Names::Name& first = names.add(0, 10);
  for (int i = 1; i < 16; ++i) names.add(i, 10);
  EXPECT_TRUE(names.memory.reserve(first, 80));
  EXPECT_EQ(names.numbers(), (Numbers{0, 9, 10, 11, 12, 13, 14, 15}));
  EXPECT_EQ(names.memory.used(), 160U);
}

TEST(StateMemory, WhatLargeOnesHaveBeyondASixteenthIsHalfTogether) {
  Names names;
  Names::Name& first = names.add(0, 50);
  Names::Name& second = names.add(1, 50);
  for (int i = 2; i < 8; ++i) names.add(i, 10);
  EXPECT_FALSE(names.memory.reserve(first, 1));
  EXPECT_EQ(names.known.size(), 8U);
  names.memory.release(second, 20);
  EXPECT_TRUE(names.memory.reserve(first, 20));
  EXPECT_FALSE(names.memory.reserve(first, 160)) << "it alone would be more than the limit";
}

TEST(StateMemory, WhatIsHeldStays) {
  Names names;
  names.memory.hold(&names.add(0, 10));
  for (int i = 1; i < 100; ++i) names.add(i, 10);
  EXPECT_EQ(names.numbers().front(), 0);
  names.memory.hold(nullptr);
  names.add(100, 10);
  EXPECT_NE(names.numbers().front(), 0);
}

TEST(StateMemory, WhatEndsGivesItsBytesBack) {
  Names names;
  Names::Name& first = names.add(0, 40);
  names.add(1, 40);
  names.memory.release(first, 30);
  EXPECT_EQ(names.memory.used(), 50U);
  names.known.clear();
  EXPECT_EQ(names.memory.used(), 0U);
}

}  // namespace
}  // namespace plotbridge
