// Concern: what an endpoint has without its disk stays for as long as its system may take to write
// it back, no longer, and makes room first.
#include "plugin/queue/arrival_hold.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace plotbridge::queue {
namespace {

using namespace std::chrono_literals;

class ArrivalHoldTest : public testing::Test {
 protected:
  void arrived(std::size_t stream, std::uint64_t from, std::uint64_t to, Duration at) {
    hold_.add(stream, {from, to}, TimePoint(at));
  }
  auto collect() {
    return [this](std::size_t stream, OffsetRange range) {
      released_.push_back({stream, {range.from, range.to}});
    };
  }

  ArrivalHold hold_;
  std::vector<std::pair<std::size_t, std::pair<std::uint64_t, std::uint64_t>>> released_;
};

TEST_F(ArrivalHoldTest, LinesStayForAMinuteAndGoTogether) {
  arrived(0, 0, 5, 100s);
  arrived(0, 5, 9, 102s);
  arrived(0, 9, 10, 106s);
  hold_.release_due(TimePoint(162s), collect());
  EXPECT_TRUE(released_.empty()) << "the youngest of the first came at 102 s";
  hold_.release_due(TimePoint(165s), collect());
  ASSERT_EQ(released_.size(), 1u);
  EXPECT_EQ(released_[0].second, std::make_pair(std::uint64_t{0}, std::uint64_t{9}));
  EXPECT_FALSE(hold_.empty());
  hold_.release_due(TimePoint(171s), collect());
  EXPECT_EQ(released_.size(), 2u);
  EXPECT_TRUE(hold_.empty());
}

TEST_F(ArrivalHoldTest, TheOldestMakeRoom) {
  arrived(0, 0, 5, 100s);
  arrived(1, 0, 3, 110s);
  EXPECT_TRUE(hold_.release_oldest(collect()));
  ASSERT_EQ(released_.size(), 1u);
  EXPECT_EQ(released_[0].first, 0u);
  EXPECT_TRUE(hold_.release_oldest(collect()));
  EXPECT_FALSE(hold_.release_oldest(collect()));
}

TEST_F(ArrivalHoldTest, EntriesDoNotGrowWithTheLines) {
  for (std::uint64_t i = 0; i < 100'000; ++i) arrived(0, i, i + 1, 1ms * i);
  std::size_t entries = 0;
  while (hold_.release_oldest([&](std::size_t, OffsetRange) { ++entries; })) {
  }
  EXPECT_EQ(entries, 20u);
}

}  // namespace
}  // namespace plotbridge::queue
