// A Sparkplug host and the bytes of an edge node that speaks to it.
#pragma once

#include "plugin/base/proto_writer.h"
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_host.h"
#include "plugin/decode/sparkplug_value.h"

#include "tests/decode/samples.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

inline constexpr std::uint64_t kSparkplugAt = 1'795'452'000'000;

/// A metric: a double, but for bdSeq.
struct M {
  std::string name;
  std::optional<std::uint64_t> alias;
  double value = 0;
  std::uint64_t at = kSparkplugAt;
};

inline std::string payload(std::optional<std::uint64_t> seq, const std::vector<M>& metrics,
                           std::uint64_t at = kSparkplugAt) {
  ProtoWriter writer;
  writer.number(1, at);
  for (const M& metric : metrics) {
    ProtoWriter inside;
    if (!metric.name.empty()) inside.text(1, metric.name);
    if (metric.alias) inside.number(2, *metric.alias);
    inside.number(3, metric.at);
    if (metric.name == "bdSeq") {
      inside.number(4, kUInt64).number(11, static_cast<std::uint64_t>(metric.value));
    } else {
      inside.number(4, kSparkplugDouble).real(13, metric.value);
    }
    writer.text(2, inside.bytes());
  }
  if (seq) writer.number(3, *seq);
  return writer.bytes();
}

class SparkplugTest : public testing::Test {
 protected:
  static constexpr WallTime kReceived{std::chrono::nanoseconds(7)};

  /// "metric=value" of each sample, the device before it.
  std::string take(std::string_view topic, std::string_view bytes) {
    std::string samples;
    const auto parsed = parse_sparkplug_topic(topic);
    EXPECT_TRUE(parsed) << topic;
    const auto on_sample = [&](const SparkplugSample& sample) {
      if (!samples.empty()) samples += ' ';
      if (!sample.device.empty()) samples += std::string(sample.device) + '/';
      samples += std::string(sample.metric) + '=' + written(sample.value);
    };
    const auto result = host_.take(*parsed, bytes, kReceived, on_sample);
    if (!result) return result.error().message;
    outcome_ = *result;
    rebirths_.note(*parsed, outcome_, now_, 0.5);
    return samples;
  }
  std::size_t asked() { return rebirths_.due(now_, kReceived).size(); }

  StateMemory memory_{1U << 20};
  RebirthSchedule rebirths_;
  SparkplugHost host_{memory_};
  SparkplugOutcome outcome_;
  TimePoint now_{std::chrono::seconds(100)};
};

}  // namespace plotbridge::decode
