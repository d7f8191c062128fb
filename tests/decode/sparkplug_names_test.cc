// Concern: what one edge node's names cost, in bytes and in work, follows its own messages; beyond
// its part of the memory what was heard least recently goes.
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_host.h"

#include "tests/support/sparkplug_bytes.h"
#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace plotbridge::decode {
namespace {

using test::SparkplugBytes;
using Metrics = std::vector<SparkplugBytes::Metric>;

class SparkplugNamesTest : public ::testing::Test {
 protected:
  explicit SparkplugNamesTest(std::size_t limit = std::size_t{64} << 20) : memory_(limit) {}
  SparkplugOutcome take(std::string_view topic, const std::string& payload) {
    const auto on_sample = [&](const SparkplugSample& sample) {
      names_ = sample.names;
      ++samples_;
    };
    const auto outcome = host_.take(*parse_sparkplug_topic(topic), payload, {}, on_sample);
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_LE(memory_.used(), memory_.limit());
    return outcome.value_or(SparkplugOutcome{});
  }
  static Metrics metrics(std::uint64_t count) {
    Metrics result;
    for (std::uint64_t i = 0; i < count; ++i) result.push_back({"m" + std::to_string(i), i, i});
    return result;
  }
  /// Names gone through one by one for `n` messages beside 5,000 metrics of another device.
  template <class Send>
  std::uint64_t visits(std::uint64_t n, Send send) {
    take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"x", {}, 1}}, ++at_));
    take("spBv1.0/g/DBIRTH/n/large", SparkplugBytes::of(1, metrics(5'000), ++at_));
    const std::uint64_t before = names_->visits();
    for (std::uint64_t i = 0; i < n; ++i) send(i);
    return names_->visits() - before;
  }

  StateMemory memory_;
  SparkplugHost host_{memory_};
  SparkplugNames* names_ = nullptr;
  std::size_t samples_ = 0;
  std::uint64_t at_ = 1'795'452'000'000;
};

TEST_F(SparkplugNamesTest, BirthsDeathsAndDataOfADeviceCostTheirOwnMetrics) {
  const auto life = [&](std::uint64_t i) {
    take("spBv1.0/g/DBIRTH/n/small", SparkplugBytes::of(i, {{"a", 9'000, i}}, ++at_));
    take("spBv1.0/g/DDATA/n/small", SparkplugBytes::of(i + 1, {{"", 9'000, i}}, ++at_));
    take("spBv1.0/g/DDEATH/n/small", SparkplugBytes::of(i + 2, {}, ++at_));
  };
  const std::uint64_t few = visits(100, life);
  EXPECT_LE(few, 300U);
  EXPECT_LE(visits(400, life), 4 * few);
}

TEST_F(SparkplugNamesTest, BirthsAndDeathsOfTheEdgeNodeCostTheirOwnMetrics) {
  const auto life = [&](std::uint64_t i) {
    take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"a", 9'000, i}}, ++at_));
    take("spBv1.0/g/NDEATH/n", SparkplugBytes::of(0, {}, ++at_));
  };
  const std::uint64_t few = visits(100, life);
  EXPECT_LE(few, 400U);
  EXPECT_LE(visits(400, life), 4 * few);
}

TEST_F(SparkplugNamesTest, ABirthForgetsOnlyWhatItsOwnDeviceHadAndAnAliasHoldsAsLongAsItsBirth) {
  take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, 1}}, ++at_));
  take("spBv1.0/g/DBIRTH/n/d", SparkplugBytes::of(1, {{"b", 2, 1}, {"c", 3, 1}}, ++at_));
  take("spBv1.0/g/DBIRTH/n/d", SparkplugBytes::of(2, {{"b", 4, 1}}, ++at_));
  EXPECT_EQ(
      take("spBv1.0/g/DDATA/n/d", SparkplugBytes::of(3, {{"", 2, 1}, {"", 3, 1}}, ++at_)).lost, 2U);
  EXPECT_EQ(take("spBv1.0/g/NDATA/n", SparkplugBytes::of(4, {{"", 1, 1}}, ++at_)).lost, 0U);
  take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, 1}}, ++at_));
  // By name it is heard again, and its alias of the birth before is none.
  take("spBv1.0/g/DDATA/n/d", SparkplugBytes::of(1, {{"b", {}, 1}}, ++at_));
  EXPECT_EQ(take("spBv1.0/g/DDATA/n/d", SparkplugBytes::of(2, {{"", 4, 1}}, ++at_)).lost, 1U);
}

TEST_F(SparkplugNamesTest, ADeviceWhoseEdgeNodeWasNotHeardDiesWithItAllTheSame) {
  take("spBv1.0/g/DBIRTH/n/d", SparkplugBytes::of(1, {{"a", 1, 1}}, ++at_));
  const auto death = take("spBv1.0/g/NDEATH/n", SparkplugBytes::of(0, {}, ++at_));
  EXPECT_TRUE(death.node_died);
  EXPECT_EQ(death.dead.size(), 1U);
}

class GrowingSparkplugNamesTest : public SparkplugNamesTest {
 protected:
  GrowingSparkplugNamesTest() : SparkplugNamesTest(std::size_t{1} << 20) {}
  void pass(Duration time) { memory_.set_time(now_ += time); }
  /// `count` edge nodes, each of which gets something every few milliseconds that none repeats.
  template <class Payload>
  void real_node_lives_beside(int count, std::string_view type, Payload payload) {
    take("spBv1.0/real/NBIRTH/n", SparkplugBytes::of(0, {{"a", 7, 1}}, ++at_));
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      pass(4ms);
      const std::string node = "/n" + std::to_string(i % static_cast<std::uint64_t>(count));
      const bool is_device = type[0] == 'D';
      take("spBv1.0/x/" + std::string(type) + node + (is_device ? "/" + std::to_string(i) : ""),
           payload(i));
      if (i % 500 != 0) continue;
      const auto outcome =
          take("spBv1.0/real/NDATA/n", SparkplugBytes::of(i / 500 + 1, {{"", 7, 1}}, ++at_));
      ASSERT_EQ(outcome.lost, 0U) << type << " of " << count << ", " << i;
    }
    EXPECT_GT(memory_.evictions(), 100U);
  }
  // Beside 160 or more a quarter of an equal share would be less than the real one has.
  static constexpr std::array kCounts{1, 3, 15, 16, 17, 60, 150};
  TimePoint now_ = kStart;
};

TEST_F(GrowingSparkplugNamesTest, ANodeThatIsHeardOutlivesOthersThatGetDevices) {
  for (const int count : kCounts) {
    real_node_lives_beside(count, "DBIRTH", [&](std::uint64_t i) {
      return SparkplugBytes::of(i, {{std::string(200, 'm'), i, i}}, ++at_);
    });
  }
}

TEST_F(GrowingSparkplugNamesTest, ANodeThatIsHeardOutlivesOthersThatGetMetricsAndAliases) {
  for (const int count : kCounts) {
    real_node_lives_beside(count, "NDATA", [&](std::uint64_t i) {
      return SparkplugBytes::of(i, {{"m" + std::to_string(i), i, i}}, ++at_);
    });
  }
}

class SmallSparkplugNamesTest : public SparkplugNamesTest {
 protected:
  SmallSparkplugNamesTest() : SparkplugNamesTest(100'000) {}
};

TEST_F(SmallSparkplugNamesTest, OneEdgeNodeTakesHalfAtMost) {
  const auto outcome = take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, metrics(1'000), ++at_));
  EXPECT_LE(memory_.used(), 50'000U);
  EXPECT_GT(memory_.used(), 40'000U);
  // One may have room for its name, and so be given out, but not for its alias.
  EXPECT_GE(outcome.refused + samples_, 1'000U);
  EXPECT_LE(outcome.refused + samples_, 1'001U);
  // Another birth would not help.
  const auto data = take("spBv1.0/g/NDATA/n", SparkplugBytes::of(1, {{"", 999, 1}}, ++at_));
  EXPECT_EQ(data.lost, 1U);
  EXPECT_EQ(data.rebirth, "");
  EXPECT_EQ(take("spBv1.0/g/NDATA/n", SparkplugBytes::of(2, {{"", 1, 1}}, ++at_)).lost, 0U);
}

TEST_F(SmallSparkplugNamesTest, TheDeviceHeardLeastRecentlyGoesAndAsksForItsBirthWhenItIsBack) {
  take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"a", {}, 1}}, ++at_));
  take("spBv1.0/g/DBIRTH/n/d", SparkplugBytes::of(1, {{"a", 1, 1}}, ++at_));
  take("spBv1.0/g/DBIRTH/n/e", SparkplugBytes::of(2, {{"a", 2, 1}}, ++at_));
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    take("spBv1.0/g/DBIRTH/n/" + std::to_string(i), SparkplugBytes::of(2 * i + 3, {}, ++at_));
    EXPECT_EQ(take("spBv1.0/g/DDATA/n/e", SparkplugBytes::of(2 * i + 4, {{"", 2, 1}}, ++at_)).lost,
              0U);
  }
  EXPECT_GT(memory_.evictions(StateMemory::Kind::kDevice), 700U);
  const auto back = take("spBv1.0/g/DDATA/n/d", SparkplugBytes::of(3, {{"", 1, 1}}, ++at_));
  EXPECT_EQ(back.lost, 1U);
  EXPECT_EQ(back.rebirth, "no birth gave the alias 1");
}

TEST_F(SmallSparkplugNamesTest, MetricsThatAreHeardOutliveOnesThatAreInvented) {
  take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, 1}}, ++at_));
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const auto outcome = take(
        "spBv1.0/g/NDATA/n",
        SparkplugBytes::of(i + 1, {{"", 1, 1}, {"invented " + std::to_string(i), {}, 1}}, ++at_));
    ASSERT_EQ(outcome.lost + outcome.refused, 0U) << i;
  }
  EXPECT_GT(memory_.evictions(StateMemory::Kind::kMetric), 500U);
}

TEST_F(SmallSparkplugNamesTest, ADeathOfSomebodyUnknownLeavesNothingBehind) {
  take("spBv1.0/g/NDEATH/n", SparkplugBytes::of(0, {{"bdSeq", {}, 1}}));
  take("spBv1.0/g/DDEATH/n/d", SparkplugBytes::of(0, {}));
  EXPECT_EQ(host_.nodes(), 0U);
  EXPECT_EQ(memory_.used(), 0U);
}

TEST(RebirthSchedule, ForgetsWhomTheHostForgets) {
  StateMemory memory(20'000);
  RebirthSchedule rebirths;
  SparkplugHost host(memory, [&](std::string_view group, std::string_view edge_node) {
    rebirths.forget(group, edge_node);
  });
  for (int i = 0; i < 1'000; ++i) {
    const std::string text = "spBv1.0/g/NDATA/n" + std::to_string(i);
    const auto topic = parse_sparkplug_topic(text);
    const auto outcome = host.take(*topic, SparkplugBytes::of(0, {{"", 1, 1}}), {}, [](auto&) {});
    ASSERT_TRUE(outcome);
    rebirths.note(*topic, *outcome, TimePoint(1s), 0.5);
    ASSERT_EQ(rebirths.nodes(), host.nodes());
  }
  EXPECT_LT(host.nodes(), 50U);
  EXPECT_EQ(rebirths.due(TimePoint(10s), {}).size(), host.nodes());
  EXPECT_EQ(rebirths.deadline(), kNever);
}

}  // namespace
}  // namespace plotbridge::decode
