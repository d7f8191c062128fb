// Concern: what one message may become, over all its routes and streams, and that one which is too
// much costs only itself: it is counted, and the next one flows.
#include "plugin/app/pipeline.h"
#include "plugin/base/proto_writer.h"
#include "plugin/config/yaml_loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace plotbridge::app {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

std::string repeated(std::string_view unit, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += unit;
  return text;
}

class MessageLimits : public testing::Test {
 protected:
  void start(const std::string& routes) {
    config::Loaded loaded = config::load_text(
        "version: 1\nbroker: {url: mqtt://127.0.0.1:1883}\n"
        "streams:\n  - {name: a, token: tokentoken}\n  - {name: b, token: tokentoke2}\n" +
            routes,
        "/x/c.yaml");
    for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << mistake.to_string();
    pipeline_ = std::make_unique<Pipeline>(loaded.config,
                                           [this](std::size_t, const Line& line, const Arrival&) {
                                             if (no_memory_) throw std::bad_alloc();
                                             ++lines_;
                                             bytes_ += line.bytes.size();
                                             longest_ = std::max(longest_, line.bytes.size());
                                           });
  }
  void take(std::string_view topic, std::string_view payload) {
    lines_ = bytes_ = longest_ = 0;
    Message message;
    message.topic = topic;
    message.payload = payload;
    pipeline_->take(message);
  }
  std::uint64_t errors(const std::string& kind, std::size_t route = 0) {
    const RouteCounts counts = pipeline_->counts().routes[route];
    // `/metrics` has each from the start.
    EXPECT_EQ(std::ranges::count(counts.error_kinds, kind), 1) << kind;
    const auto known = counts.decode_errors.find(kind);
    return known != counts.decode_errors.end() ? known->second : 0;
  }

  std::unique_ptr<Pipeline> pipeline_;
  bool no_memory_ = false;
  std::size_t lines_ = 0;
  std::size_t bytes_ = 0;
  std::size_t longest_ = 0;
};

TEST_F(MessageLimits, MorePointsThanAllowedGiveNoLineAtAll) {
  start("routes: [{topic: t, decode: {type: csv, columns: [v]}, point: {y: v}, stream: a}]");
  take("t", repeated("1\n", 10'000));
  EXPECT_EQ(lines_, 10'000u);
  take("t", repeated("1\n", 10'001));
  EXPECT_EQ(lines_, 0u);
  EXPECT_EQ(errors("too_many_points"), 1u);
  take("t", "1\n");
  EXPECT_EQ(lines_, 1u);
}

TEST_F(MessageLimits, ARouteSaysHowManyPointsItTakes) {
  start(
      "routes: [{topic: t, decode: {type: json, each: v, max_points: 2}, point: {y: $value}, "
      "stream: a}]");
  take("t", R"({"v": [1, 2]})");
  EXPECT_EQ(lines_, 2u);
  take("t", R"({"v": [1, 2, 3]})");
  EXPECT_EQ(lines_, 0u);
  EXPECT_EQ(errors("too_many_points"), 1u);
}

TEST_F(MessageLimits, AllRoutesShareThePointsOfTheOneThatTakesMost) {
  std::string routes = "routes:\n";
  for (const char* most : {"3", "5", "4"}) {
    routes += "  - {topic: t, decode: {type: json, each: v, max_points: " + std::string(most) +
              "}, point: {y: $value}, stream: a}\n";
  }
  start(routes);
  take("t", R"({"v": [1]})");
  EXPECT_EQ(lines_, 3u);
  take("t", R"({"v": [1, 2]})");
  EXPECT_EQ(lines_, 5u);
  EXPECT_EQ(errors("too_many_points", 0), 0u);
  EXPECT_EQ(errors("too_many_points", 1), 0u);
  EXPECT_EQ(errors("too_many_points", 2), 1u);
  const auto last = pipeline_->counts().routes[2].last_error;
  ASSERT_TRUE(last);
  EXPECT_NE(last->why.find("more than 5 points"), std::string::npos) << last->why;
  EXPECT_NE(last->why.find("decode.max_points"), std::string::npos) << last->why;
  EXPECT_EQ(pipeline_->counts().poison(), 1u);
  take("t", R"({"v": [1]})");
  EXPECT_EQ(lines_, 3u);
}

TEST_F(MessageLimits, TwentyRoutesDoNotMakeTwentyTimesThePoints) {
  std::string routes = "routes:\n";
  for (int i = 0; i < 20; ++i) {
    routes += "  - {topic: t, decode: {type: csv, columns: [v]}, point: {y: v}, stream: a}\n";
  }
  start(routes);
  take("t", repeated("1\n", 10'000));
  EXPECT_EQ(lines_, 10'000u);
}

TEST_F(MessageLimits, ALineIsNoLongerThanAMebibyte) {
  start("routes: [{topic: t, decode: {type: text}, point: {y: $value}, stream: [a, b]}]");
  const std::size_t around = std::string_view("{\"y\":\"\"}\n").size();
  take("t", std::string(kMiB - around, 'x'));
  EXPECT_EQ(lines_, 2u);
  EXPECT_EQ(longest_, kMiB);
  take("t", std::string(kMiB - around + 1, 'x'));
  EXPECT_EQ(lines_, 0u);
  take("t", std::string(kMiB / 5, '\x01'));
  EXPECT_EQ(lines_, 0u);
  EXPECT_EQ(errors("line_too_long"), 2u);
  take("t", "good");
  EXPECT_EQ(lines_, 2u);
}

TEST_F(MessageLimits, AllRoutesAndStreamsShareWhatTheLinesOfAMessageMayMeasure) {
  start(
      "routes:\n"
      "  - {topic: t, decode: {type: json, each: v}, point: {y: $value, text: s}, stream: [a, b]}\n"
      "  - {topic: 't', decode: {type: json, each: v}, point: {y: $value, text: s}, stream: a}");
  take("t", "{\"s\":\"" + std::string(kMiB / 2, 's') + "\",\"v\":[" + repeated("1,", 99) + "1]}");
  EXPECT_LE(bytes_, 16 * kMiB);
  EXPECT_GT(bytes_, 15 * kMiB);
  EXPECT_EQ(errors("too_large", 0), 1u);
  EXPECT_EQ(errors("too_large", 1), 1u);
  take("t", R"({"s": "s", "v": [1]})");
  EXPECT_EQ(lines_, 3u);
}

TEST_F(MessageLimits, RoutesShareWhatIsDecodedOfAMessage) {
  std::string routes = "routes:\n";
  for (int i = 0; i < 20; ++i) {
    routes += "  - {topic: t, decode: {type: json}, point: {y: missing}, stream: a}\n";
  }
  start(routes);
  take("t", "[" + repeated("1,", 4 * kMiB) + "1]");
  int decoded = 0;
  for (std::size_t route = 0; route < 20; ++route) {
    const bool was_decoded = errors("missing_field", route) == 1;
    decoded += was_decoded ? 1 : 0;
    EXPECT_EQ(errors("too_large", route), was_decoded ? 0u : 1u) << route;
  }
  EXPECT_EQ(decoded, 4);  // of a little more than 8 MiB each
  take("t", R"({"missing": 1})");
  EXPECT_EQ(lines_, 20u);
}

TEST_F(MessageLimits, AValueOfTheDocumentIsNotLookedAtForEachPointWithoutEnd) {
  start(
      "routes: [{topic: t, decode: {type: json, each: v}, point: {y: $value, text: s}, "
      "stream: a}]");
  take("t", "{\"s\":[" + std::string(2 * kMiB, ' ') + "1],\"v\":[" + repeated("1,", 9'999) + "1]}");
  EXPECT_LE(lines_, 32u);
  EXPECT_EQ(errors("too_large"), 1u);
}

TEST_F(MessageLimits, LinesThatAreTooLongCountAsWork) {
  start(
      "routes: [{topic: t, decode: {type: json, each: v}, point: {y: $value, text: s}, "
      "stream: a}]");
  take("t",
       "{\"s\":\"" + std::string(kMiB + 1, 's') + "\",\"v\":[" + repeated("1,", 9'999) + "1]}");
  EXPECT_EQ(lines_, 0u);
  EXPECT_EQ(errors("too_large"), 1u);
  EXPECT_LE(errors("line_too_long"), 17u);
}

TEST_F(MessageLimits, WantOfMemoryCostsTheMessageAlone) {
  start(
      "routes: [{topic: t, stream: a}, {topic: 'spBv1.0/#', decode: {type: sparkplug}, stream: "
      "a}]");
  const std::string metric = ProtoWriter().text(1, "m").number(4, 3).number(10, 7).bytes();
  const auto birth = [&](int seq) {
    return ProtoWriter().number(1, 1).text(2, metric).number(3, seq).bytes();
  };
  no_memory_ = true;
  take("t", "1");
  take("spBv1.0/G/NBIRTH/N", birth(0));
  EXPECT_EQ(errors("out_of_memory", 0), 1u);
  EXPECT_EQ(errors("out_of_memory", 1), 1u);
  no_memory_ = false;
  take("t", "1");
  EXPECT_EQ(lines_, 1u);
  take("spBv1.0/G/NBIRTH/M", birth(0));
  EXPECT_EQ(lines_, 1u);
}

TEST_F(MessageLimits, ASparkplugValueOfTooMuchTextIsCountedAndTheOthersFlow) {
  start("routes: [{topic: 'spBv1.0/#', decode: {type: sparkplug}, stream: a}]");
  const std::string array =
      ProtoWriter().text(1, "m").number(4, 22).text(16, std::string(kMiB, '\1')).bytes();
  const std::string good = ProtoWriter().text(1, "n").number(4, 3).number(10, 7).bytes();
  take("spBv1.0/G/NBIRTH/N",
       ProtoWriter().number(1, 1).text(2, array).text(2, good).number(3, 0).bytes());
  EXPECT_EQ(lines_, 1u);
  EXPECT_EQ(errors("line_too_long"), 1u);
}

TEST_F(MessageLimits, TextsThatTemplatesMakeOfLongNamesCount) {
  start(
      "routes: [{topic: 'spBv1.0/#', decode: {type: sparkplug}, stream: a, when: {field: $value, "
      "equals: 1}, point: {y: $value, text: '{group}{group}{group}{group}{metric}'}}]");
  ProtoWriter birth;
  birth.number(1, 1).number(3, 0);
  for (int i = 0; i < 2'000; ++i) {
    birth.text(2, ProtoWriter().text(1, std::to_string(i)).number(4, 3).number(10, i == 0).bytes());
  }
  take("spBv1.0/" + std::string(60'000, 'g') + "/NBIRTH/N", birth.bytes());
  EXPECT_EQ(lines_, 1u);
  EXPECT_EQ(errors("too_large"), 1u);
  EXPECT_LE(pipeline_->counts().routes[0].filtered_when, 300u);
  take("spBv1.0/G/NBIRTH/M", birth.bytes());
  EXPECT_EQ(lines_, 1u);
  EXPECT_EQ(errors("too_large"), 1u);
}

TEST_F(MessageLimits, NamesThatPatternsLookAtCount) {
  start(
      "routes: [{topic: 'spBv1.0/#', stream: a, decode: {type: sparkplug, metrics: ['*/a', "
      "'*/b', '*/c', '*/d']}}]");
  const auto data = [](std::string_view name, int seq) {
    ProtoWriter payload;
    payload.number(1, static_cast<std::uint64_t>(seq)).number(3, static_cast<std::uint64_t>(seq));
    for (int i = 0; i < 5'000; ++i) {
      payload.text(2, ProtoWriter().text(1, name).number(4, 3).number(10, 7).bytes());
    }
    return payload.bytes();
  };
  take("spBv1.0/G/NDATA/N", data("x/a", 1));
  EXPECT_EQ(lines_, 5'000u);
  EXPECT_EQ(errors("too_large"), 0u);
  take("spBv1.0/G/NDATA/N", data(std::string(4'000, '/'), 2));
  EXPECT_EQ(errors("too_large"), 1u);
}

TEST_F(MessageLimits, NamesThatAreLongDoNotMakeLongLinesOfTheLog) {
  start("routes: [{topic: 'p/{name}', decode: {type: number}, stream: '{name}'}]");
  testing::internal::CaptureStderr();
  take("p/" + std::string(60'000, 'n'), "1");
  take("p/" + std::string(60'000, 'n'), "no number");
  EXPECT_LT(testing::internal::GetCapturedStderr().size(), 2'000U);
  EXPECT_EQ(pipeline_->counts().unrouted, 2U);
}

TEST_F(MessageLimits, TheGapsOfADeathArePointsToo) {
  start(
      "routes: [{topic: 'spBv1.0/#', decode: {type: sparkplug, max_points: 5},"
      " point: {y: $value}, stream: '{device}'}]\n");
  const std::string metric = ProtoWriter().text(1, "t").number(4, 3).number(10, 7).bytes();
  const auto birth = [&](std::uint64_t sequence) {
    return ProtoWriter().number(1, 1).text(2, metric).number(3, sequence).bytes();
  };
  take("spBv1.0/G/NBIRTH/N", birth(0));
  std::uint64_t sequence = 0;
  std::size_t fed = 0;
  for (const char* device : {"a", "b"}) {
    take(std::string("spBv1.0/G/DBIRTH/N/") + device, birth(++sequence));
    fed += lines_;
  }
  ASSERT_EQ(fed, 2u);
  take("spBv1.0/G/NDEATH/N", "");
  EXPECT_EQ(lines_, 2u) << "one gap each";
  EXPECT_EQ(errors("too_many_points"), 0u);
  start(
      "routes: [{topic: 'spBv1.0/#', decode: {type: sparkplug, max_points: 1},"
      " point: {y: $value}, stream: '{device}'}]\n");
  sequence = 0;
  take("spBv1.0/G/NBIRTH/N", birth(0));
  for (const char* device : {"a", "b"}) {
    take(std::string("spBv1.0/G/DBIRTH/N/") + device, birth(++sequence));
  }
  take("spBv1.0/G/NDEATH/N", "");
  EXPECT_EQ(lines_, 1u);
  EXPECT_EQ(errors("too_many_points"), 1u);
}

}  // namespace
}  // namespace plotbridge::app
