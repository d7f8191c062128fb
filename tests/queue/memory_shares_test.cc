// Concern: a quiet stream always finds room for its line, at the cost of the one that has most.
#include "plugin/queue/memory_shares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

namespace plotbridge::queue {
namespace {

std::optional<std::size_t> furthest_over(const MemoryShares& shares) {
  return shares.find_over([](std::size_t) { return true; });
}

TEST(MemoryShares, WhoCannotGiveUpIsPassedOver) {
  MemoryShares shares(1'000, 4);
  for (const std::size_t stream : {0U, 1U, 2U}) shares.set(stream, 300 + stream);
  shares.set(3, 100);
  EXPECT_EQ(shares.find_over([](std::size_t stream) { return stream != 2; }), 1U);
  EXPECT_EQ(shares.find_over([](std::size_t stream) { return stream == 3; }), std::nullopt);
}

TEST(MemoryShares, WhoHasMostGivesUpAndAQuietStreamFindsRoom) {
  MemoryShares shares(1'000, 4);
  EXPECT_EQ(shares.reserve(), 125U);
  shares.set(0, 600);
  shares.set(1, 380);
  // Stream 3 has no line yet.
  EXPECT_EQ(furthest_over(shares), 0U);
  shares.set(0, 500);
  shares.set(3, 100);
  shares.set(0, 120);
  EXPECT_EQ(furthest_over(shares), 1U);
  shares.set(1, 125);
  EXPECT_EQ(furthest_over(shares), std::nullopt) << "nobody is over its reserve";
  EXPECT_EQ(shares.used(), 345U);
}

TEST(MemoryShares, OfNoStreamsOrTooMuchAskForNothing) {
  MemoryShares none(1'000, 0);
  EXPECT_EQ(furthest_over(none), std::nullopt);
  MemoryShares one(100, 1);
  one.set(0, 150);
  EXPECT_TRUE(one.is_over()) << "it had to take more than there is";
  one.set(0, 100);
  EXPECT_FALSE(one.is_over());
}

TEST(MemoryShares, AreThoseOfAPlainSum) {
  std::mt19937 random(3);
  constexpr std::size_t kStreams = 20;
  MemoryShares shares(10'000, kStreams);
  std::vector<std::size_t> of(kStreams);
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t stream = random() % kStreams;
    of[stream] = random() % 1'200;
    shares.set(stream, of[stream]);
    const auto most = std::ranges::max(of);
    ASSERT_EQ(shares.used(), std::accumulate(of.begin(), of.end(), std::size_t{0}));
    const auto over = furthest_over(shares);
    ASSERT_EQ(over.has_value(), most > shares.reserve());
    if (over) {
      ASSERT_EQ(of[*over], most);
    }
  }
}

}  // namespace
}  // namespace plotbridge::queue
