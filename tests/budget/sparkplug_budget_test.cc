// Concern: whatever a Sparkplug payload holds, reading it takes a bounded amount of memory, which
// is given back, and a value that becomes too much text costs only itself.
#include "plugin/base/proto_writer.h"
#include "plugin/decode/sparkplug_host.h"

#include "tests/support/heap/allocations.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kPayload = 4 * kMiB;
constexpr std::size_t kStateMemory = 16 * kMiB;
constexpr std::size_t kMostHeld = 32 * kMiB;
constexpr std::size_t kMostKept = 256 << 10;

enum Datatype : std::uint32_t { kInt8s = 22, kDoubles = 31, kBooleans = 32, kStrings = 33 };
enum Field : std::uint32_t { kText = 15, kBytes = 16, kDataSet = 17, kTemplate = 18 };

std::string metric(std::string_view name, std::uint32_t datatype, Field field,
                   std::string_view bytes) {
  return ProtoWriter().text(1, name).number(3, 1).number(4, datatype).text(field, bytes).bytes();
}

std::string payload_of(std::initializer_list<std::string_view> metrics) {
  ProtoWriter payload;
  payload.number(1, 1).number(3, 0);
  for (const std::string_view bytes : metrics) payload.text(2, bytes);
  return payload.bytes();
}

std::string booleans(std::size_t bytes) {
  const auto count = static_cast<std::uint32_t>(bytes * 8);
  std::string array(reinterpret_cast<const char*>(&count), sizeof count);
  return array.append(bytes, '\0');
}

std::string repeated(std::string_view unit, std::size_t bytes = kPayload) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  return text;
}

struct Cost {
  std::size_t held = 0;
  std::size_t kept = 0;
  std::size_t values = 0;
  std::size_t text = 0;
  std::map<std::string, int> errors;
};

Cost cost_of(SparkplugHost& host, std::string_view payload) {
  Cost cost;
  const std::size_t before = allocations_since_last_call().held;
  const auto taken = host.take(*parse_sparkplug_topic("spBv1.0/G/NBIRTH/N"), payload, WallTime{},
                               [&](const SparkplugSample& sample) {
                                 if (!sample.error.empty()) {
                                   ++cost.errors[std::string(sample.error)];
                                   return;
                                 }
                                 ++cost.values;
                                 cost.text = std::max(cost.text, sample.value.text.size());
                               });
  const Allocations after = allocations_since_last_call();
  cost.held = after.most - before;
  cost.kept = after.held - std::min(before, after.held);
  if (!taken) ++cost.errors[std::string(taken.error().kind)];
  return cost;
}

Cost cost_of(std::string_view payload) {
  StateMemory memory(kStateMemory);
  SparkplugHost host(memory);
  return cost_of(host, payload);
}

void expect_bounded(const Cost& cost) {
  EXPECT_LE(cost.held, kMostHeld);
  EXPECT_LE(cost.kept, kMostKept);
}

TEST(SparkplugBudget, AnArrayThatBecomesTooMuchTextCostsOnlyItself) {
  const std::string good = ProtoWriter().text(1, "good").number(4, 3).number(10, 7).bytes();
  const std::string zeros(kPayload, '\0');
  for (const auto& array :
       {metric("m", kBooleans, kBytes, booleans(kPayload)), metric("m", kInt8s, kBytes, zeros),
        metric("m", kStrings, kBytes, zeros),
        metric("m", kDoubles, kBytes, repeated("\x01\x02\x03\x04\x05\x06\x07\x08")),
        metric("m", kStrings, kBytes, std::string(kPayload, '\x01')),
        metric("m", 17, kBytes, zeros)}) {
    const Cost cost = cost_of(payload_of({array, good}));
    expect_bounded(cost);
    EXPECT_LE(cost.held, 4 * kMiB);
    EXPECT_EQ(cost.values, 1u);
    EXPECT_EQ(cost.errors, (std::map<std::string, int>{{"line_too_long", 1}}));
  }
  EXPECT_EQ(cost_of(payload_of({metric("m", kBooleans, kBytes, booleans(20'000))})).values, 1u);
}

TEST(SparkplugBudget, TheCostOfAnArrayDoesNotGrowWithIt) {
  const Cost small = cost_of(payload_of({metric("m", kBooleans, kBytes, booleans(kMiB))}));
  const Cost large = cost_of(payload_of({metric("m", kBooleans, kBytes, booleans(4 * kMiB))}));
  EXPECT_LE(large.held, small.held + (64 << 10));
}

TEST(SparkplugBudget, DataSetsAndTemplatesStayBounded) {
  const std::string column = ProtoWriter().text(2, "").bytes();
  const std::string row = ProtoWriter().text(4, "").bytes();
  const std::string type = ProtoWriter().text(3, std::string(kPayload, '\1')).bytes();
  const std::string cells =
      ProtoWriter().text(4, repeated(ProtoWriter().text(1, "").bytes())).bytes();
  for (const auto& set : {repeated(column), repeated(row), type, cells, column + cells}) {
    expect_bounded(cost_of(payload_of({metric("m", 16, kDataSet, set)})));
  }
  const std::string member = metric("m", kBooleans, kBytes, booleans(100'000));
  expect_bounded(cost_of(
      payload_of({metric("m", 19, kTemplate, repeated(ProtoWriter().text(2, member).bytes()))})));
  expect_bounded(cost_of(
      payload_of({metric("m", 19, kTemplate, repeated(ProtoWriter().text(2, "").bytes()))})));
  std::string nested = booleans(100);
  std::string inner = metric("m", kBooleans, kBytes, nested);
  for (int i = 0; i < 40; ++i) {
    inner = metric("m", 19, kTemplate, ProtoWriter().text(2, inner).bytes());
  }
  expect_bounded(cost_of(payload_of({inner})));
}

TEST(SparkplugBudget, MetricsAreCountedBeforeTheFirstIsTaken) {
  const std::string empties = repeated(ProtoWriter().text(2, "").bytes());
  const Cost many = cost_of(empties);
  expect_bounded(many);
  EXPECT_EQ(many.errors, (std::map<std::string, int>{{"too_many_points", 1}}));
  EXPECT_EQ(many.values, 0u);
  StateMemory memory(kStateMemory);
  SparkplugHost host(memory, {}, 3);
  EXPECT_EQ(cost_of(host, repeated(ProtoWriter().text(2, "").bytes(), 6)).errors.size(), 0u);
  EXPECT_EQ(cost_of(host, repeated(ProtoWriter().text(2, "").bytes(), 8)).errors.size(), 1u);
}

TEST(SparkplugBudget, ANameThatIsTooLongIsRefusedBeforeItIsLearned) {
  const auto cost = [](std::size_t size) {
    return cost_of(payload_of({metric(std::string(size, 'n'), kBooleans, kBytes, booleans(8))}));
  };
  EXPECT_EQ(cost(kMaxMetricNameBytes).errors.size(), 0u);
  for (const std::size_t size : {kMaxMetricNameBytes + 1, kPayload}) {
    const Cost refused = cost(size);
    EXPECT_EQ(refused.errors, (std::map<std::string, int>{{"sparkplug", 1}}));
    EXPECT_LE(refused.held, 64U << 10);
    EXPECT_LE(refused.kept, 4U << 10);
  }
}

TEST(SparkplugBudget, AllTextsOfAPayloadShareALimit) {
  ProtoWriter payload;
  payload.number(1, 1).number(3, 0);
  for (int i = 0; i < 100; ++i) {
    payload.text(2, metric("m" + std::to_string(i), kBooleans, kBytes, booleans(15'000)));
  }
  const Cost cost = cost_of(payload.bytes());
  EXPECT_LE(cost.held, 4 * kMiB);
  EXPECT_LE(cost.values, 23u);
  EXPECT_GE(cost.values, 20u);
  EXPECT_EQ(cost.errors.at("too_large"), static_cast<int>(100 - cost.values));
}

// Each is written up to its end, and is null because of what stands there.
TEST(SparkplugBudget, TextOfValuesThatEndDamagedCounts) {
  const std::string row =
      ProtoWriter()
          .text(4, ProtoWriter().text(1, ProtoWriter().number(1, 5).bytes()).bytes())
          .bytes();
  std::string set =
      ProtoWriter().number(1, 1).text(2, std::string(1'000, '\1')).text(3, "\3").bytes();
  set += repeated(row, 170 * row.size()) + ProtoWriter().text(4, "\xFF").bytes();
  ProtoWriter payload;
  payload.number(1, 1).number(3, 0);
  for (int i = 0; i < 100; ++i) payload.text(2, metric("m" + std::to_string(i), 16, kDataSet, set));
  const Cost cost = cost_of(payload.bytes());
  EXPECT_GT(cost.errors.count("too_large"), 0U);
}

TEST(SparkplugBudget, AnEnvelopeIsNotCopied) {
  const std::string inner = payload_of({metric("m", kBooleans, kBytes, booleans(kPayload))});
  std::string packed(compressBound(inner.size()), '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                     reinterpret_cast<const Bytef*>(inner.data()), inner.size()),
            Z_OK);
  packed.resize(size);
  const std::string envelope =
      ProtoWriter().number(1, 1).number(3, 0).text(4, "SPBV1.0_COMPRESSED").text(5, packed).bytes();
  const Cost cost = cost_of(envelope);
  expect_bounded(cost);
  EXPECT_EQ(cost.errors, (std::map<std::string, int>{{"line_too_long", 1}}));
}

TEST(SparkplugBudget, ANodeThatHadManyAliasesKeepsNoMoreThanIsCounted) {
  StateMemory memory(kStateMemory);
  SparkplugHost host(memory);
  ProtoWriter many;
  for (std::uint32_t alias = 0; alias < 10'000; ++alias) {
    many.text(2,
              ProtoWriter().text(1, std::to_string(alias)).number(2, alias).number(4, 3).bytes());
  }
  const std::string one = ProtoWriter().text(2, metric("m", kInt8s, kBytes, "")).bytes();
  const auto born = [&](int node, std::uint64_t at, const std::string& metrics) {
    const std::string topic = "spBv1.0/G/NBIRTH/" + std::to_string(node);
    const std::string payload = ProtoWriter().number(1, at).number(3, 0).bytes() + metrics;
    EXPECT_TRUE(host.take(*parse_sparkplug_topic(topic), payload, WallTime{},
                          [](const SparkplugSample&) {}));
  };
  const std::size_t before = allocations_since_last_call().held;
  for (int node = 0; node < 20; ++node) {
    born(node, 1, many.bytes());
    born(node, 2, one);
  }
  const std::size_t kept = allocations_since_last_call().held - before;
  EXPECT_LE(kept, memory.used() + kMostKept) << memory.used();
}

}  // namespace
}  // namespace plotbridge::decode
