// Concern: names that publishers invent cost a bounded memory, which is honestly counted, and cost
// nobody else anything: who is heard keeps working, and new ones are taken.
#include "plugin/app/pipeline.h"
#include "plugin/config/yaml_loader.h"

#include "tests/support/heap/allocations.h"
#include "tests/support/sparkplug_bytes.h"
#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::app {
namespace {

using test::SparkplugBytes;
using Metrics = std::vector<SparkplugBytes::Metric>;

constexpr std::size_t kMemory = std::size_t{1} << 20;

class PipelineState : public ::testing::Test {
 protected:
  void start(const std::string& routes) {
    config::Loaded loaded = config::load_text(
        "version: 1\nbroker: {url: mqtt://127.0.0.1:1883}\nstate_memory: 1MiB\n"
        "log: {level: error}\n"
        "streams: [{name: s, token: tokentoken}, {name: real, token: tokentoke2}]\nroutes: " +
            routes,
        "/x/c.yaml");
    for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << mistake.to_string();
    pipeline_ = std::make_unique<Pipeline>(
        loaded.config, [this](std::size_t stream, const Line& line, const Arrival&) {
          ++lines_;
          if (stream == 1) real_ += line.bytes;
        });
  }
  void take(std::string_view topic, std::string_view payload) {
    Message message;
    message.topic = topic;
    message.payload = payload;
    message.received_mono = now_ += step_;
    pipeline_->take(message);
    const PipelineCounts counts = pipeline_->counts();
    ASSERT_LE(counts.state_bytes, kMemory / 8 * 7) << "the heap may lose an eighth";
  }
  /// What the stream `real` got since.
  std::string real() { return std::exchange(real_, {}); }
  std::uint64_t evictions(StateMemory::Kind kind) const {
    return pipeline_->counts().state_evictions[static_cast<std::size_t>(kind)];
  }
  /// Sends what `flood(i)` gives (topic, payload), up to 3 MiB, with the real node beside it.
  template <class Flood>
  void real_node_lives_through(Flood flood) {
    start(
        "[{topic: 'spBv1.0/#', decode: {type: sparkplug, host: active},"
        " point: {y: $value}, stream: s}, "
        "{topic: 'spBv1.0/real/+/+/#', decode: {type: sparkplug, metrics: [a, b]},"
        " point: {y: $value}, stream: real}]");
    take("spBv1.0/real/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, 1}, {"b", 2, 2}}));
    take("spBv1.0/real/DBIRTH/n/d", SparkplugBytes::of(1, {{"b", 3, 3}}));
    EXPECT_EQ(real(), "{\"y\":1}\n{\"y\":2}\n{\"y\":3}\n");
    std::size_t sent = 0;
    for (std::uint64_t i = 0; sent < (std::size_t{3} << 20); ++i) {
      const auto [topic, payload] = flood(i);
      take(topic, payload);
      sent += topic.size() + payload.size();
      if (i % 16 != 0) continue;
      const std::uint64_t seq = 2 + i / 8;
      take("spBv1.0/real/NDATA/n", SparkplugBytes::of(seq, {{"", 1, i}}, i + 1));
      take("spBv1.0/real/DDATA/n/d", SparkplugBytes::of(seq + 1, {{"", 3, 7}}, i + 1));
      ASSERT_EQ(real(), "{\"y\":" + std::to_string(i) + "}\n{\"y\":7}\n") << sent;
    }
    EXPECT_GT(pipeline_->counts().state_bytes, kMemory / 10);
    take("spBv1.0/new/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, 5}}));
    const std::size_t lines = lines_;
    take("spBv1.0/new/NDATA/n", SparkplugBytes::of(1, {{"", 1, 6}}, 9));
    EXPECT_EQ(lines_, lines + 1) << "a new one is taken";
    take("spBv1.0/real/NDEATH/n", SparkplugBytes::of(0, {}));
    EXPECT_EQ(real(), "{\"y\":null}\n{\"y\":null}\n") << "of the node and of its device";
  }

  TimePoint now_ = kStart;
  Duration step_ = std::chrono::milliseconds(1);  // between messages
  std::unique_ptr<Pipeline> pipeline_;
  std::size_t lines_ = 0;
  std::string real_;
};

std::string numbered(std::string_view name, std::uint64_t i) {
  return std::string(name) + std::to_string(i);
}

TEST_F(PipelineState, RealNodeLivesThroughAFloodOfNodes) {
  real_node_lives_through([](std::uint64_t i) {
    return std::pair("spBv1.0/x/NBIRTH/" + numbered("n", i),
                     SparkplugBytes::of(0, {{numbered("m", i), i, i}}));
  });
  EXPECT_GT(evictions(StateMemory::Kind::kEdgeNode), 500U);
}

TEST_F(PipelineState, RealNodeLivesThroughAFloodOfGroupsWithLongNames) {
  real_node_lives_through([](std::uint64_t i) {
    return std::pair("spBv1.0/" + numbered(std::string(20'000, 'g'), i) + "/NBIRTH/n",
                     SparkplugBytes::of(0, {{std::string(4'000, 'm'), i, i}}));
  });
}

TEST_F(PipelineState, RealNodeLivesThroughAFloodOfDevicesOfOneNode) {
  real_node_lives_through([](std::uint64_t i) {
    return std::pair("spBv1.0/x/DBIRTH/n/" + numbered("d", i),
                     SparkplugBytes::of(i, {{numbered("m", i), i, i}}));
  });
  EXPECT_GT(evictions(StateMemory::Kind::kDevice), 100U);
}

TEST_F(PipelineState, RealNodeLivesThroughAFloodOfMetricsAndAliasesOfOneDevice) {
  real_node_lives_through([](std::uint64_t i) {
    Metrics metrics;
    for (std::uint64_t k = 0; k < 100; ++k) {
      metrics.push_back(
          {numbered(k % 2 == 0 ? "short" : "a name that is longer than that", i) + numbered("/", k),
           100 * i + k, k});
    }
    return std::pair(std::string(i % 2 == 0 ? "spBv1.0/x/NDATA/n" : "spBv1.0/x/DDATA/n/d"),
                     SparkplugBytes::of(i, metrics, i + 1));
  });
  EXPECT_GT(evictions(StateMemory::Kind::kMetric) + evictions(StateMemory::Kind::kDevice), 100U);
}

TEST_F(PipelineState, RealNodeLivesThroughAFloodOfDataAndDeathsWithoutBirths) {
  real_node_lives_through([](std::uint64_t i) {
    const std::string_view type = i % 3 == 0 ? "NDATA/" : i % 3 == 1 ? "NDEATH/" : "NCMD/";
    return std::pair("spBv1.0/x/" + std::string(type) + numbered("n", i),
                     SparkplugBytes::of(i, {{"", i, i}}));
  });
}

TEST_F(PipelineState, RealNodeLivesBesideLargeOnesThatGrowAndAFloodOfSmallOnes) {
  real_node_lives_through([](std::uint64_t i) {
    const std::string large = numbered("large", i / 3 % 4);
    switch (i % 3) {
      case 0:
        return std::pair("spBv1.0/x/DBIRTH/" + large + numbered("/d", i),
                         SparkplugBytes::of(i, {{"m", i, i}}, i + 1));
      case 1:
        return std::pair("spBv1.0/x/NDATA/" + large,
                         SparkplugBytes::of(i, {{numbered("m", i), i, i}}, i + 1));
      default:
        return std::pair("spBv1.0/x/NBIRTH/" + numbered("n", i),
                         SparkplugBytes::of(0, {{"m", i, i}}));
    }
  });
  EXPECT_GT(evictions(StateMemory::Kind::kDevice), 100U);
}

// Two megabytes of names of others come between two of its messages.
TEST_F(PipelineState, NodeThatWasHeardAgainLivesThroughAFloodHoweverRarelyItIsHeard) {
  start(
      "[{topic: 'spBv1.0/real/#', decode: {type: sparkplug}, point: {y: $value}, stream: real},"
      " {topic: 'spBv1.0/x/#', decode: {type: sparkplug}, stream: s}]");
  take("spBv1.0/real/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, 1}}));
  step_ = std::chrono::seconds(2);
  take("spBv1.0/real/NDATA/n", SparkplugBytes::of(1, {{"", 1, 2}}, 1));
  EXPECT_EQ(real(), "{\"y\":1}\n{\"y\":2}\n");
  step_ = std::chrono::milliseconds(2);
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    const std::string node = numbered("a node of a long name ", i / 2);
    take("spBv1.0/x/" + std::string(i % 2 == 0 ? "NBIRTH/" : "NDATA/") + node,
         SparkplugBytes::of(i % 2, {{std::string(200, 'm'), 1, i}}, i));
    if (i % 1'000 != 999) continue;
    take("spBv1.0/real/NDATA/n", SparkplugBytes::of(2 + i / 1'000, {{"", 1, i}}, i));
    ASSERT_EQ(real(), "{\"y\":" + std::to_string(i) + "}\n");
  }
  EXPECT_GT(evictions(StateMemory::Kind::kEdgeNode), 1'000U);
  take("spBv1.0/real/NDEATH/n", SparkplugBytes::of(0, {}));
  EXPECT_EQ(real(), "{\"y\":null}\n");
}

TEST_F(PipelineState, NewNodeBecomesEstablishedDuringAFloodByTheRebirthThatItIsAskedFor) {
  start(
      "[{topic: 'spBv1.0/real/#', decode: {type: sparkplug, host: active}, point: {y: $value},"
      " stream: real}, {topic: 'spBv1.0/x/#', decode: {type: sparkplug}, stream: s}]");
  step_ = std::chrono::milliseconds(2);
  const std::string command = "spBv1.0/real/NCMD/n";
  int good = 0;
  for (std::uint64_t i = 0; i < 100'000 && good < 5; ++i) {
    take("spBv1.0/x/NBIRTH/" + numbered("n", i), SparkplugBytes::of(0, {{"m", 1, i}}));
    const auto asked = pipeline_->due_commands(now_, {});
    if (std::ranges::any_of(asked, [&](const auto& ask) { return ask.topic == command; })) {
      take("spBv1.0/real/NBIRTH/n", SparkplugBytes::of(0, {{"a", 1, i}}, i));
    }
    real();
    if (i % 1'000 != 999) continue;
    take("spBv1.0/real/NDATA/n", SparkplugBytes::of(1 + i / 1'000, {{"", 1, i}}, i));
    good = real().empty() ? 0 : good + 1;
  }
  EXPECT_EQ(good, 5) << "one value every two seconds";
}

TEST_F(PipelineState, LargeNodeThatIsHeardOutlivesInventedGiantsAndASilentOneMakesRoom) {
  start(
      "[{topic: 'spBv1.0/real/#', decode: {type: sparkplug}, point: {y: $value}, stream: real},"
      " {topic: 'spBv1.0/x/#', decode: {type: sparkplug}, stream: s}]");
  const auto birth = [](std::uint64_t count) {
    Metrics metrics;
    for (std::uint64_t i = 0; i < count; ++i) metrics.push_back({numbered("m", i), i, i});
    return SparkplugBytes::of(0, metrics);
  };
  const auto establish = [&](const std::string& node) {
    step_ = std::chrono::seconds(2);
    take("spBv1.0/real/NBIRTH/" + node, birth(850));
    take("spBv1.0/real/NDATA/" + node, SparkplugBytes::of(1, {{"", 849, 1}}, 1));
    step_ = std::chrono::milliseconds(2);
  };
  auto invent = [&, next = std::uint64_t{0}]() mutable {
    for (const std::uint64_t end = next + 10; next < end; ++next) {
      take("spBv1.0/x/NBIRTH/" + numbered("n", next), birth(next % 2 == 0 ? 3'000 : 150));
    }
  };
  establish("silent");
  establish("heard");
  invent();
  now_ += std::chrono::minutes(1);
  for (const char* other : {"third", "fourth"}) {
    take("spBv1.0/real/NDATA/heard", SparkplugBytes::of(2, {{"", 849, 1}}, other[0]));
    establish(other);
    invent();
    real();
    take("spBv1.0/real/NDATA/heard", SparkplugBytes::of(3, {{"", 849, 7}}, other[1]));
    take(std::string("spBv1.0/real/NDATA/") + other, SparkplugBytes::of(2, {{"", 849, 8}}, 2));
    EXPECT_EQ(real(), "{\"y\":7}\n{\"y\":8}\n") << other;
  }
  take("spBv1.0/real/NDATA/silent", SparkplugBytes::of(2, {{"", 849, 1}}, 2));
  EXPECT_EQ(real(), "");
}

TEST_F(PipelineState, PointsWhoseDeadbandHasNoRoomAreCounted) {
  start("[{topic: 'spBv1.0/#', decode: {type: sparkplug}, deadband: {absolute: 1}, stream: s}]");
  // Of several lengths, so that what is left has room for a name alone now and then.
  for (std::uint64_t node = 0; node < 8; ++node) {
    Metrics metrics;
    for (std::uint64_t i = 0; i < 9'000; ++i) {
      metrics.push_back({numbered("metric/" + std::string(16 * node, 'm'), i), i, i});
    }
    take("spBv1.0/x/NBIRTH/" + numbered("n", node), SparkplugBytes::of(0, metrics));
  }
  EXPECT_GT(evictions(StateMemory::Kind::kSeries), 0U);
}

TEST_F(PipelineState, FullMemoryIsLoggedOnceAMinute) {
  start("[{topic: 'p/#', stream: s}]");
  testing::internal::CaptureStderr();
  const auto flood = [&](std::uint64_t from) {
    for (std::uint64_t i = from; i < from + 5'000; ++i) take(numbered("p/", i), "1");
  };
  flood(0);
  flood(5'000);
  now_ += std::chrono::minutes(1);
  flood(10'000);
  const std::string text = testing::internal::GetCapturedStderr();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = text.find("state_memory is full", at)) != std::string::npos;
       ++at) {
    ++lines;
  }
  EXPECT_EQ(lines, 2U) << text;
  EXPECT_NE(text.find("raise state_memory"), std::string::npos) << text;
}

// Whichever allocation fails: what is counted in the end is what is there.
TEST_F(PipelineState, WantOfMemoryLeavesTheCountTrue) {
  const auto send = [&] {
    const auto at = static_cast<std::uint64_t>(now_.time_since_epoch().count());
    take("spBv1.0/x/NBIRTH/n", SparkplugBytes::of(0, {{"a long name of a metric", 1, 1}}, at));
    take("spBv1.0/x/DBIRTH/n/a long name of a device",
         SparkplugBytes::of(1, {{"the long name of metric b", 2, 1}}, at));
    take("spBv1.0/x/DDATA/n/a long name of a device",
         SparkplugBytes::of(2, {{"", 2, 2}, {"the long name of metric c", 3, 3}}, at));
  };
  const std::string routes =
      "[{topic: 'spBv1.0/#', decode: {type: sparkplug, host: active}, deadband: {absolute: 1},"
      " point: {y: $value, text: '{group} {metric}'}, stream: s}]";
  start(routes);
  send();
  const std::size_t expected = pipeline_->counts().state_bytes;
  bool has_failed = true;
  for (std::size_t nth = 1; has_failed; ++nth) {
    start(routes);
    fail_allocation(nth);
    try {
      send();
    } catch (const std::bad_alloc&) {
    }
    has_failed = allocation_failed();
    fail_allocation(0);
    send();
    ASSERT_EQ(pipeline_->counts().state_bytes, expected) << "after failure of allocation " << nth;
  }
}

TEST_F(PipelineState, BirthThatIsLargerThanItsPartSaysSoAndTheNodeGoesOn) {
  start("[{topic: 'spBv1.0/#', decode: {type: sparkplug}, point: {y: $value}, stream: s}]");
  Metrics metrics;
  for (std::uint64_t i = 0; i < 9'000; ++i) metrics.push_back({numbered("metric/", i), i, i});
  take("spBv1.0/x/NBIRTH/n", SparkplugBytes::of(0, metrics));
  EXPECT_EQ(pipeline_->counts().routes[0].decode_errors.at("state_memory"), 1U);
  EXPECT_LE(pipeline_->counts().state_bytes, kMemory * 5 / 8);
  const std::size_t lines = lines_;
  take("spBv1.0/x/NDATA/n", SparkplugBytes::of(1, {{"", 0, 1}, {"", 8'999, 1}}, 2));
  EXPECT_EQ(lines_, lines + 1) << "the first has a name, the last has none";
}

TEST_F(PipelineState, FloodOfTopicsWithManyCapturesLeavesTheTopicInUse) {
  start(
      "[{topic: '{a}/{b}/{c}/{d}/{e}', point: {y: $value, t1: '{a}{b}{c}{d}{e}',"
      " t2: '{e}{d}{c}{b}{a}', t3: '{a}{a}'}, stream: s},"
      " {topic: '{a}/+/+/+/{e}', point: {y: $value, t: '{e}{e}'}, stream: '{a}'}]");
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    take(numbered("topic/of/many/captures/", i) + std::string(i % 500, 't'), "1");
  }
  EXPECT_GT(evictions(StateMemory::Kind::kTopic), 10'000U);
  EXPECT_GT(pipeline_->counts().cached_topics, 100U);
}

// The estimate: what is counted against what the heap gave.
TEST_F(PipelineState, WhatIsCountedIsWhatTheHeapGave) {
  const std::map<std::string, std::function<void(std::uint64_t)>> floods{
      {"topics", [&](std::uint64_t i) { take(numbered("p/", i), "1"); }},
      {"long topics",
       [&](std::uint64_t i) { take(numbered("p/", i) + std::string(i % 400, 't'), "1"); }},
      {"nodes",
       [&](std::uint64_t i) {
         take("spBv1.0/x/NBIRTH/" + numbered("n", i), SparkplugBytes::of(0, {{"m", 1, i}}));
       }},
      {"nodes that had many aliases",
       [&](std::uint64_t i) {
         std::vector<SparkplugBytes::Metric> many;
         for (std::uint64_t alias = 0; alias < 300; ++alias) {
           many.push_back({numbered("m", alias), alias, i});
         }
         const std::string birth = "spBv1.0/x/NBIRTH/" + numbered("n", i);
         take(birth, SparkplugBytes::of(0, many));
         take(birth, SparkplugBytes::of(0, {{"m", 1, i}}));
       }},
      {"devices",
       [&](std::uint64_t i) {
         take("spBv1.0/x/DBIRTH/" + numbered("n", i % 8) + numbered("/a device of name ", i),
              SparkplugBytes::of(i, {{"m", i, i}}));
       }},
      {"metrics",
       [&](std::uint64_t i) {
         take("spBv1.0/x/NDATA/" + numbered("n", i % 8),
              SparkplugBytes::of(
                  i, {{numbered("m", i), i, i}, {numbered("metric/name/", i), {}, i}}, i + 1));
       }},
  };
  for (const auto& [name, flood] : floods) {
    start(
        "[{topic: 'spBv1.0/#', decode: {type: sparkplug, host: active}, deadband: {absolute: 1},"
        " point: {y: $value, text: '{group} {metric}'}, stream: s},"
        " {topic: 'p/{id}', point: {y: $value, text: 'this is {id}'}, stream: s}]");
    for (std::uint64_t i = 0; i < 3; ++i) flood(1'000'000 + i);
    const std::size_t before = allocations_since_last_call().held;
    const std::size_t counted_before = pipeline_->counts().state_bytes;
    for (std::uint64_t i = 0; evictions(StateMemory::Kind::kTopic) < 50 &&
                              evictions(StateMemory::Kind::kEdgeNode) < 50 &&
                              evictions(StateMemory::Kind::kDevice) < 50 &&
                              evictions(StateMemory::Kind::kMetric) < 50 && i < 20'000;
         ++i) {
      flood(i);
    }
    const std::size_t grown = allocations_since_last_call().held - before;
    const std::size_t counted = pipeline_->counts().state_bytes - counted_before;
    EXPECT_GT(counted, kMemory / 4) << name;
    EXPECT_GE(static_cast<double>(counted), 0.95 * static_cast<double>(grown)) << name;
#ifndef __SANITIZE_ADDRESS__  // whose blocks have no head and no least size
    EXPECT_LE(static_cast<double>(counted), 1.5 * static_cast<double>(grown)) << name;
#endif
    pipeline_.reset();
  }
}

}  // namespace
}  // namespace plotbridge::app
