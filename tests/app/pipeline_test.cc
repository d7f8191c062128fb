// Concern: from a message to the lines of its streams; a bad one costs only itself.
#include "plugin/app/pipeline.h"

#include "plugin/config/yaml_loader.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace plotbridge::app {
namespace {

using Lines = std::vector<std::pair<std::size_t, std::string>>;

class PipelineTest : public testing::Test {
 protected:
  void start(const std::string& yaml) {
    config::Loaded loaded =
        config::load_text("version: 1\nbroker: {url: mqtt://127.0.0.1:1883}\n" + yaml, "/x/c.yaml");
    for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << mistake.to_string();
    pipeline_ = std::make_unique<Pipeline>(
        loaded.config, [this](std::size_t stream, const Line& line, const Arrival&) {
          lines_.emplace_back(stream, std::string(line.bytes));
        });
  }
  Lines take(std::string_view topic, std::string_view payload, std::vector<std::uint32_t> ids = {},
             bool retained = false) {
    lines_.clear();
    Message message;
    message.topic = topic;
    message.payload = payload;
    message.subscription_ids = ids;
    message.retained = retained;
    pipeline_->take(message);
    return lines_;
  }

  std::unique_ptr<Pipeline> pipeline_;
  Lines lines_;
};

constexpr const char* kTwoStreams = R"(
streams:
  - {name: a.1, token: tokentoken}
  - {name: a.2, token: tokentoke2}
)";

TEST_F(PipelineTest, NumberBecomesALineOfTheStreamThatTheTopicNames) {
  start(std::string(kTwoStreams) +
        "routes: [{topic: 'p/{l}/{id}', stream: '{l}.{id}', point: {y: $value}}]");
  EXPECT_EQ(take("p/a/2", "2.50"), (Lines{{1, "{\"y\":2.50}\n"}}));
  EXPECT_EQ(take("p/a/1", " 7 "), (Lines{{0, "{\"y\":7}\n"}}));
}

TEST_F(PipelineTest, FieldsCapturesAndConstantsStandInThePointsOrder) {
  start(std::string(kTwoStreams) +
        "routes: [{topic: 'p/{id}', decode: {type: json}, stream: [a.1, a.2],"
        " point: {y: 'm.t[1]', text: 'no {id}', marker.color: {constant: red}, n: {field: gone, "
        "default: 0}}}]");
  const std::string line = "{\"y\":4.0,\"text\":\"no 9\",\"marker\":{\"color\":\"red\"},\"n\":0}\n";
  EXPECT_EQ(take("p/9", R"({"m": {"t": [3, 4.0]}})"), (Lines{{0, line}, {1, line}}));
}

TEST_F(PipelineTest, BadMessagesAreCountedAndTheNextOneFlows) {
  start(std::string(kTwoStreams) +
        "routes: [{topic: 'p/{id}', decode: {type: json}, stream: 'a.{id}', point: {y: v}}]");
  EXPECT_TRUE(take("p/1", "{\"v\":").empty());
  EXPECT_TRUE(take("p/1", "{\"w\":1}").empty());
  EXPECT_TRUE(take("p/3", "{\"v\":1}").empty());
  EXPECT_TRUE(take("elsewhere", "1").empty());
  EXPECT_EQ(take("p/1", "{\"v\":1}").size(), 1u);
  const PipelineCounts counts = pipeline_->counts();
  EXPECT_EQ(counts.routes[0].messages, 4u);
  EXPECT_EQ(counts.routes[0].decode_errors.at("missing_field"), 1u);
  EXPECT_EQ(counts.routes[0].decode_errors.size(), 2u);
  EXPECT_EQ(counts.unrouted, 2u);
}

TEST_F(PipelineTest, ExplainsEachRowWithoutItsFieldAndGoesOnBehindIt) {
  for (const std::string_view decode : {"{type: csv, header: true}", "{type: csv, columns: [a, b]}",
                                        "{type: json, each: $value}"}) {
    start(std::string(kTwoStreams) + "routes: [{topic: 'p/{id}', decode: " + std::string(decode) +
          ", stream: 'a.{id}', point: {y: b}}]");
    std::vector<std::string> reasons;
    pipeline_->explain([&](std::string_view, const std::string& why) { reasons.push_back(why); });
    const bool json = decode.find("json") != decode.npos;
    const bool header = decode.find("header") != decode.npos;
    const std::string rows = "1,2\n3\n5,6\n";
    EXPECT_EQ(take("p/1", json     ? R"([{"b":2},{"a":3},{"b":6}])"
                          : header ? "a,b\n" + rows
                                   : rows),
              (Lines{{0, "{\"y\":2}\n"}, {0, "{\"y\":6}\n"}}));
    EXPECT_EQ(reasons.size(), 1u) << decode;
    EXPECT_NE(reasons.at(0).find("missing_field"), std::string::npos);
    EXPECT_NE(reasons.at(0).find("it has"), std::string::npos);
    EXPECT_NE(reasons.at(0).find("in point 2 of the message"), std::string::npos) << reasons.at(0);
  }
}

TEST_F(PipelineTest, RetainedMessagesAreUsedOnlyWhenTheRouteSaysSo) {
  start(std::string(kTwoStreams) +
        "routes: [{topic: p, stream: a.1}, {topic: p, stream: a.2, retained: use}]");
  const Lines lines = take("p", "1", {}, true);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].first, 1u);
}

TEST_F(PipelineTest, EachCopyOfAnOverlapFeedsOnlyItsOwnFiltersRoute) {
  start(std::string(kTwoStreams) +
        "routes: [{topic: 'p/+', stream: a.1}, {topic: 'p/#', stream: a.2}]");
  const auto& wanted = pipeline_->subscriptions();
  ASSERT_EQ(take("p/x", "1", {wanted[0].id}).size(), 1u);
  EXPECT_EQ(lines_[0].first, 0u);
  ASSERT_EQ(take("p/x", "1", {wanted[1].id}).size(), 1u);
  EXPECT_EQ(lines_[0].first, 1u);
  EXPECT_EQ(take("p/x", "1", {wanted[0].id, wanted[1].id}).size(), 2u) << "one copy for both";
}

TEST_F(PipelineTest, RouteWithTwoFiltersThatOverlapWritesOneLine) {
  start(std::string(kTwoStreams) + "routes: [{topic: ['p/+', 'p/#'], stream: a.1}]");
  const auto& wanted = pipeline_->subscriptions();
  EXPECT_EQ(take("p/x", "1", {wanted[0].id}).size() + take("p/x", "1", {wanted[1].id}).size(), 1u);
}

TEST_F(PipelineTest, CopyWithAnIdentifierOfAnOlderConfigurationIsRoutedByItsTopic) {
  start(std::string(kTwoStreams) +
        "routes: [{topic: 'p/+', stream: a.1}, {topic: 'p/#', stream: a.2}]");
  EXPECT_EQ(take("p/x", "1", {12345}).size(), 2u);
}

}  // namespace
}  // namespace plotbridge::app
