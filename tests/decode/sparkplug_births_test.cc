// Concern: a name holds as long as the birth that gave it: no value comes out under another one,
// whatever is lost, repeated, damaged or missed.
#include "tests/decode/sparkplug_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace plotbridge::decode {
namespace {

using SparkplugBirthsTest = SparkplugTest;

TEST_F(SparkplugBirthsTest, ABirthThatCannotBeReadTakesTheNamesOfTheOneBefore) {
  const std::string damaged = payload(0, {{"b", 0, 1}, {"a", 1, 2}}).substr(0, 40);
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1}}));
  take("spBv1.0/G/DBIRTH/N/D", payload(1, {{"b", 1, 2}}));
  take("spBv1.0/G/DBIRTH/N/E", payload(2, {{"c", 2, 3}}));
  EXPECT_NE(take("spBv1.0/G/DBIRTH/N/D", damaged), "");
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/D", payload(3, {{"", 1, 4}})), "");
  EXPECT_EQ(outcome_.rebirth, "no birth gave the alias 1");
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/E", payload(4, {{"", 2, 5}})), "E/c=5");
  EXPECT_NE(take("spBv1.0/G/NBIRTH/N", damaged), "");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(1, {{"", 0, 6}})), "");
  EXPECT_EQ(outcome_.rebirth, "data came before a birth");
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/E", payload(2, {{"", 2, 7}})), "");
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 8}}, kSparkplugAt + 1));
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(1, {{"", 0, 9}}, kSparkplugAt + 2)), "a=9");
}

TEST_F(SparkplugBirthsTest, AnAliasIsThatOfItsOwnDevice) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1}}));
  take("spBv1.0/G/DBIRTH/N/D", payload(1, {{"b", 7, 2}}));
  // Its birth, which gave the alias to another metric, was not seen or could not be read.
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/E", payload(2, {{"", 7, 3}})), "");
  EXPECT_EQ(outcome_.rebirth, "no birth gave the alias 7");
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/D", payload(3, {{"", 7, 4}})), "D/b=4");
}

TEST_F(SparkplugBirthsTest, TwoBirthsOfOneMomentAreTwoUnlessTheyAreTheSame) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 1, 1}, {"b", 2, 2}}));
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 1, 1}, {"b", 2, 2}}));
  EXPECT_TRUE(outcome_.duplicate);
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"b", 1, 1}, {"a", 2, 2}}));
  EXPECT_FALSE(outcome_.duplicate);
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(1, {{"", 1, 3}})), "b=3");
}

TEST_F(SparkplugBirthsTest, WhereBirthsMayHaveBeenMissedNamesHoldAgainOnceTheyCome) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 1, 1}}));
  take("spBv1.0/G/DBIRTH/N/D", payload(1, {{"b", 2, 2}}));
  host_.forget_names();
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(2, {{"", 1, 3}})), "");
  EXPECT_EQ(outcome_.rebirth, "data came before a birth");
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/D", payload(3, {{"", 2, 3}})), "");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(4, {{"a", {}, 4}})), "a=4") << "it has its name";
  take("$sparkplug/certificates/spBv1.0/G/NBIRTH/N", payload(0, {{"a", 1, 1}}));
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(5, {{"", 1, 5}})), "a=5") << "the broker says so";
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"c", 1, 6}}, kSparkplugAt + 1));
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(1, {{"", 1, 7}}, kSparkplugAt + 2)), "c=7");
}

// Under loss, repetition, damage and rebirths no value comes out under another name: every metric
// carries its own number as its value.
TEST_F(SparkplugBirthsTest, NoValueComesOutUnderAWrongName) {
  std::mt19937_64 random(11);
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  std::vector<std::uint64_t> alias_of(8);
  std::uint64_t seq = 0;
  bool wants_birth = true;
  std::size_t samples = 0;
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    now_ += 100ms;
    std::vector<M> metrics;
    const bool birth = wants_birth || chance(1);
    if (birth) {
      seq = 0;
      wants_birth = false;
      const std::uint64_t first = random() % 3;
      for (std::size_t i = 0; i < alias_of.size(); ++i) alias_of[i] = (first + i * 5) % 8;
      for (std::size_t i = 0; i < alias_of.size(); ++i) {
        metrics.push_back({"m" + std::to_string(i), alias_of[i], static_cast<double>(i), step});
      }
    } else {
      const std::size_t i = random() % alias_of.size();
      metrics.push_back({"", alias_of[i], static_cast<double>(i), step});
    }
    const std::string bytes = payload(seq++ % 256, metrics, kSparkplugAt + step);
    // Not the birth: an alias that it gave to another metric could not be told from the old one.
    if (chance(5) && !birth) continue;
    if (birth && chance(20)) {
      EXPECT_NE(take("spBv1.0/G/NBIRTH/N", bytes.substr(0, bytes.size() / 2)), "");
      continue;
    }
    for (int copies = chance(10) ? 2 : 1; copies > 0; --copies) {
      const std::string text = take(birth ? "spBv1.0/G/NBIRTH/N" : "spBv1.0/G/NDATA/N", bytes);
      std::istringstream words(text);
      for (std::string word; words >> word; ++samples) {
        ASSERT_EQ(word.substr(1, word.find('=') - 1), word.substr(word.find('=') + 1)) << step;
      }
    }
    if (asked() > 0) wants_birth = true;
  }
  EXPECT_GT(samples, 15'000U);
}

}  // namespace
}  // namespace plotbridge::decode
