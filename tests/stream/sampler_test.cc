// Concern: what goes of lines that come faster than they may says the truth about those that do
// not, and a sender that is a little late never falls behind for good.
#include "plugin/stream/sampler.h"

#include "plugin/stream/pacer.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

constexpr double kRate = 20;
constexpr Duration kInterval = 50ms;

std::string text_of(std::size_t x, const std::string& y) {
  return "{\"x\":" + std::to_string(x) + ",\"y\":" + y + "}\n";
}

Line line_of(const std::string& text) {
  const std::size_t y = text.find("\"y\":") + 4;
  return {text, y, text.rfind('}') - y};
}

// A stream in virtual time: the queue as the sampler's owner keeps it, and a sender that takes from
// it when it may.
class Stream {
 public:
  explicit Stream(WhenFaster when_faster, std::optional<double> rate = kRate)
      : pacer_(rate), sampler_(when_faster, pacer_.interval()) {}

  void take(const std::string& text, TimePoint now) {
    const auto [fate, line] = sampler_.take(line_of(text), {now, queue.size(), pacer_.next_send()});
    if (fate == Sampler::Fate::kSkip) return;
    if (fate == Sampler::Fate::kReplaceNewest) queue.pop_back();
    if (fate == Sampler::Fate::kReplaceBeforeNewest) queue.erase(queue.end() - 2);
    queue.emplace_back(line);
  }
  /// Values of `y` that come at the same moment, with x counted from 0.
  void take_all(const Lines& values, TimePoint now) {
    for (const std::string& y : values) take(text_of(next_x_++, y), now);
  }
  void send(TimePoint now) {
    if (queue.empty() || now < pacer_.next_send()) return;
    sent.push_back(queue.front());
    queue.pop_front();
    pacer_.sent(now);
  }
  TimePoint next_send() const { return pacer_.next_send(); }
  void forget() { sampler_.forget(); }
  /// `y` of what waits.
  Lines waiting() const {
    Lines values;
    for (const std::string& text : queue) values.emplace_back(line_of(text).y());
    return values;
  }

  std::deque<std::string> queue;
  Lines sent;

 private:
  Pacer pacer_;
  Sampler sampler_;
  std::size_t next_x_ = 0;
};

TEST(Sampler, LatestKeepsTheNewestLineOfAnInterval) {
  Stream stream(WhenFaster::kLatest);
  stream.take_all({"1", "null", "\"on\"", "2"}, kStart);
  stream.take_all({"3"}, kStart + 49ms);
  EXPECT_EQ(stream.waiting(), Lines{"3"});
  stream.take_all({"4", "5"}, kStart + 50ms);
  EXPECT_EQ(stream.waiting(), (Lines{"3", "5"}));
}

TEST(Sampler, QueueKeepsEverything) {
  Stream stream(WhenFaster::kQueue);
  stream.take_all({"1", "2", "3"}, kStart);
  EXPECT_EQ(stream.waiting(), (Lines{"1", "2", "3"}));
}

TEST(Sampler, WithoutALimitNothingIsMerged) {
  for (const auto when_faster : {WhenFaster::kLatest, WhenFaster::kMean, WhenFaster::kMinMax}) {
    Stream stream(when_faster, std::nullopt);
    stream.take_all({"1", "2", "3", "2"}, kStart);
    EXPECT_EQ(stream.waiting(), (Lines{"1", "2", "3", "2"}));
  }
}

TEST(Sampler, MeanIsTheNewestPointWithTheMeanOfItsInterval) {
  Stream stream(WhenFaster::kMean);
  stream.take_all({"1", "2", "6"}, kStart);
  EXPECT_EQ(stream.queue.at(0), "{\"x\":2,\"y\":3}\n");
  stream.take_all({"-8"}, kStart + 49ms);
  EXPECT_EQ(stream.queue.at(0), "{\"x\":3,\"y\":0.25}\n");
  stream.take_all({"10", "11"}, kStart + 50ms);
  EXPECT_EQ(stream.waiting(), (Lines{"0.25", "10.5"}));
}

TEST(Sampler, MeanOfEqualValuesIsThatValue) {
  Stream stream(WhenFaster::kMean);
  stream.take_all({"2.50", "2.50"}, kStart);
  EXPECT_EQ(stream.waiting(), Lines{"2.50"}) << "digit for digit";
  stream.take_all({"0.1", "0.1", "0.1", "1e-1"}, kStart + 50ms);
  EXPECT_EQ(stream.waiting().back(), "1e-1");
}

TEST(Sampler, MeanOfHugeValuesIsNoInfinity) {
  Stream stream(WhenFaster::kMean);
  stream.take_all({"1.7e308", "1.6e308"}, kStart);
  EXPECT_EQ(stream.waiting(), (Lines{"1.7e308", "1.6e308"}));
}

TEST(Sampler, MinMaxKeepsTheSmallestAndTheLargestOfTwoIntervalsInTheirOrder) {
  Stream stream(WhenFaster::kMinMax);
  stream.take_all({"5", "7", "6"}, kStart);
  EXPECT_EQ(stream.waiting(), (Lines{"5", "7"}));
  stream.take_all({"9"}, kStart + 50ms);
  EXPECT_EQ(stream.waiting(), (Lines{"5", "9"})) << "the largest goes for a larger one";
  stream.take_all({"3"}, kStart + 99ms);
  EXPECT_EQ(stream.waiting(), (Lines{"9", "3"})) << "the smallest goes for a smaller one";
  EXPECT_EQ(stream.queue.at(0), text_of(3, "9")) << "as a whole point";
  stream.take_all({"6", "4"}, kStart + 100ms);
  EXPECT_EQ(stream.waiting(), (Lines{"9", "3", "6", "4"})) << "a window of their own";
}

TEST(Sampler, MinMaxOfEqualValuesIsOneLine) {
  Stream stream(WhenFaster::kMinMax);
  stream.take_all({"5", "5.0", "5"}, kStart);
  EXPECT_EQ(stream.waiting(), Lines{"5"});
}

TEST(Sampler, WhatIsNoNumberEndsTheGroupAndPassesAsItIs) {
  for (const char* odd : {"null", "\"on\"", "[1,2]", "{}", "true", "", "1e999"}) {
    Stream mean(WhenFaster::kMean);
    mean.take_all({"1", "3", odd, "5", "6"}, kStart);
    EXPECT_EQ(mean.waiting(), (Lines{"2", odd, "5.5"}));
    Stream min_max(WhenFaster::kMinMax);
    min_max.take_all({"1", "3", "2", odd, "2", "2", "5"}, kStart);
    EXPECT_EQ(min_max.waiting(), (Lines{"1", "3", odd, "2", "5"}));
  }
}

TEST(Sampler, WhatHasGoneIsNotTouched) {
  for (const auto when_faster : {WhenFaster::kLatest, WhenFaster::kMean, WhenFaster::kMinMax}) {
    Stream stream(when_faster);
    stream.take_all({"1"}, kStart);
    stream.send(kStart);
    stream.take_all({"2"}, kStart + 1ms);
    stream.take_all({"2"}, kStart + 2ms);
    EXPECT_EQ(stream.sent, Lines{text_of(0, "1")});
    EXPECT_EQ(stream.waiting(), Lines{"2"});
  }
}

TEST(Sampler, NothingIsMergedWithALineThatFoundNoRoom) {
  Stream stream(WhenFaster::kMean);
  stream.take_all({"1"}, kStart);
  stream.forget();
  stream.take_all({"3"}, kStart);
  EXPECT_EQ(stream.waiting(), (Lines{"1", "3"}));
}

TEST(Sampler, WhileTheEndpointIsAwayEachWindowKeepsItsOwnLines) {
  const auto kept_of_ten_seconds = [](WhenFaster when_faster) {
    Stream stream(when_faster);
    for (int ms = 0; ms < 10'000; ms += 5) {
      stream.take_all({std::to_string(ms * 7919 % 1000)}, kStart + ms * 1ms);
    }
    return stream.queue.size();
  };
  EXPECT_EQ(kept_of_ten_seconds(WhenFaster::kLatest), 200u);
  EXPECT_EQ(kept_of_ten_seconds(WhenFaster::kMean), 200u);
  EXPECT_EQ(kept_of_ten_seconds(WhenFaster::kMinMax), 200u);
}

TEST(Sampler, WhatComesWhileAnOutageIsCaughtUpKeepsItsWindowsToo) {
  for (const auto when_faster : {WhenFaster::kLatest, WhenFaster::kMean, WhenFaster::kMinMax}) {
    Stream stream(when_faster);
    for (int ms = 0; ms < 10'000; ms += 5) {
      if (ms >= 5'000) stream.send(kStart + ms * 1ms);
      stream.take_all({std::to_string(ms * 7919 % 1000)}, kStart + ms * 1ms);
    }
    EXPECT_EQ(stream.sent.size(), 100u);
    EXPECT_EQ(stream.queue.size(), 100u);
  }
}

// What came and what went in a run of virtual time: values at random moments, a sender that is
// always up to three milliseconds late and, if told so, away for seconds.
struct Traffic {
  Traffic(WhenFaster when_faster, unsigned seed, bool with_outages) : stream(when_faster) {
    std::mt19937 random(seed);
    const int most_apart_us = 1000 + static_cast<int>(random() % 20'000);
    TimePoint now = kStart;
    TimePoint send_at = kStart;
    TimePoint outage_end = kStart;
    while (now < kStart + kLength) {
      now += std::chrono::microseconds(random() % static_cast<unsigned>(most_apart_us));
      for (; send_at <= now; send_at += std::chrono::microseconds(random() % 3000)) {
        if (send_at >= outage_end) stream.send(send_at);
        send_at = std::max(send_at, stream.next_send());
        if (with_outages && random() % 100 == 0) outage_end = send_at + 2s;
      }
      values.push_back(static_cast<double>(random() % 100'000) / 64);  // six places hold it
      stream.take(text_of(values.size() - 1, std::to_string(values.back())), now);
      longest_queue = std::max(longest_queue, stream.queue.size());
    }
    Lines all = stream.sent;
    all.insert(all.end(), stream.queue.begin(), stream.queue.end());
    for (const std::string& line : all) {
      xs.push_back(std::strtoul(line.c_str() + 5, nullptr, 10));
      ys.push_back(std::strtod(std::string(line_of(line).y()).c_str(), nullptr));
    }
  }
  static constexpr Duration kLength = 30s;
  static constexpr std::size_t kLinesOfAll = kLength / kInterval;
  Stream stream;
  std::vector<double> values;
  std::vector<std::size_t> xs;  // of every line, sent or waiting
  std::vector<double> ys;
  std::size_t longest_queue = 0;
};

constexpr unsigned kSeeds = 40;

TEST(SamplerInRandomTraffic, MinMaxKeepsExtremesAndOrderWithinItsBound) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const Traffic run(WhenFaster::kMinMax, seed, seed % 2 == 0);
    ASSERT_EQ(std::ranges::min(run.ys), std::ranges::min(run.values));
    ASSERT_EQ(std::ranges::max(run.ys), std::ranges::max(run.values));
    ASSERT_TRUE(std::ranges::is_sorted(run.xs));
    for (std::size_t i = 0; i < run.xs.size(); ++i) ASSERT_EQ(run.ys[i], run.values[run.xs[i]]);
    // An outage that ends in the middle of a group cuts it short.
    ASSERT_LE(run.xs.size(), Traffic::kLinesOfAll * 21 / 20);
    if (seed % 2 != 0) {
      ASSERT_LE(run.longest_queue, 5u) << "a sender that keeps up falls behind";
    }
  }
}

TEST(SamplerInRandomTraffic, EveryMeanIsThatOfTheValuesSinceTheLineBefore) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const Traffic run(WhenFaster::kMean, seed, seed % 2 == 0);
    ASSERT_EQ(run.xs.back(), run.values.size() - 1);
    std::size_t next = 0;
    for (std::size_t i = 0; i < run.xs.size(); ++i) {
      double sum = 0;
      const std::size_t count = run.xs[i] + 1 - next;
      for (; next <= run.xs[i]; ++next) sum += run.values[next];
      ASSERT_NEAR(run.ys[i], sum / static_cast<double>(count), 1e-9);
    }
    ASSERT_LE(run.xs.size(), Traffic::kLinesOfAll * 21 / 20);
    if (seed % 2 != 0) {
      ASSERT_LE(run.longest_queue, 3u) << "a sender that keeps up falls behind";
    }
  }
}

TEST(SamplerInRandomTraffic, LatestEndsWithTheNewestAndDoesNotStarve) {
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const Traffic run(WhenFaster::kLatest, seed, seed % 2 == 0);
    ASSERT_EQ(run.xs.back(), run.values.size() - 1);
    ASSERT_TRUE(std::ranges::is_sorted(run.xs));
    ASSERT_LE(run.xs.size(), Traffic::kLinesOfAll * 21 / 20);
    ASSERT_GE(run.xs.size(), Traffic::kLinesOfAll / 2);
    if (seed % 2 != 0) {
      ASSERT_LE(run.longest_queue, 3u) << "a sender that keeps up falls behind";
    }
  }
}

}  // namespace
}  // namespace plotbridge::stream
