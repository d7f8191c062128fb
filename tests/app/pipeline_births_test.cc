// Concern: where a Sparkplug birth may have been missed, no value comes out under a name of the one
// before, now or after a restart.
#include "plugin/app/pipeline.h"
#include "plugin/config/yaml_loader.h"

#include "tests/support/sparkplug_bytes.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace plotbridge::app {
namespace {

using test::SparkplugBytes;

class PipelineBirths : public ::testing::Test {
 protected:
  void start(const std::string& host) {
    config::Loaded loaded = config::load_text(
        "version: 1\nbroker: {url: mqtt://127.0.0.1:1883}\nlog: {level: error}\n"
        "streams: [{name: s, token: tokentoken}]\n"
        "routes: [{topic: 'spBv1.0/#', decode: {type: sparkplug, host: " +
            host + "}, point: {y: $value, text: '{metric}'}, stream: s}]",
        "/x/c.yaml");
    for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << mistake.to_string();
    pipeline_ = std::make_unique<Pipeline>(
        loaded.config,
        [this](std::size_t, const Line& line, const Arrival&) { lines_ += line.bytes; });
    pipeline_->keep_births([this](std::string_view topic, std::optional<std::string_view> payload) {
      kept_[std::string(topic)] = payload.has_value();
    });
    take("spBv1.0/g/NBIRTH/n", SparkplugBytes::of(0, {{"temperature", 1, 20}}));
    EXPECT_EQ(lines(), line(20, "temperature"));
  }
  void take(std::string_view topic, const std::string& payload) {
    Message message;
    message.topic = topic;
    message.payload = payload;
    pipeline_->take(message);
  }
  std::string lines() { return std::exchange(lines_, {}); }
  static std::string line(int y, const std::string& text) {
    return "{\"y\":" + std::to_string(y) + ",\"text\":\"" + text + "\"}\n";
  }
  std::string data(std::uint64_t seq, std::uint64_t value) {
    take("spBv1.0/g/NDATA/n", SparkplugBytes::of(seq, {{"", 1, value}}, 1'795'452'000'000 + seq));
    return lines();
  }

  std::unique_ptr<Pipeline> pipeline_;
  std::map<std::string, bool> kept_;  // false: it is to be removed
  std::string lines_;
};

const std::string kTopic = "spBv1.0/g/NBIRTH/n";

TEST_F(PipelineBirths, OneThatCannotBeReadTakesTheNamesOfTheOneBeforeAndItsFile) {
  start("passive");
  EXPECT_TRUE(kept_.at(kTopic));
  take(kTopic, "\x12\xff");
  EXPECT_FALSE(kept_.at(kTopic));
  EXPECT_EQ(data(1, 30), "");
}

TEST_F(PipelineBirths, OneThatIsTooLargeDoesSo) {
  start("passive");
  pipeline_->take_oversize("plant/temperature");
  pipeline_->take_oversize("spBv1.0/g/NDATA/n");
  EXPECT_TRUE(kept_.at(kTopic));
  EXPECT_EQ(data(1, 30), line(30, "temperature"));
  pipeline_->take_oversize(kTopic);
  EXPECT_FALSE(kept_.at(kTopic));
  EXPECT_EQ(data(2, 40), "");
}

TEST_F(PipelineBirths, InANewSessionTheyAreAskedForWhereThatMayBe) {
  start("active");
  pipeline_->begin_session();
  EXPECT_EQ(data(1, 30), "") << "the edge node may have been born anew meanwhile";
  EXPECT_NE(pipeline_->next_command(), kNever);
  take(kTopic, SparkplugBytes::of(0, {{"pressure", 1, 20}}, 1'795'452'000'009));
  lines();
  EXPECT_EQ(data(1, 40), line(40, "pressure"));
}

TEST_F(PipelineBirths, InANewSessionThoseOfBeforeAreTheBestThereIsWhereNobodyMayAsk) {
  start("passive");
  pipeline_->begin_session();
  EXPECT_EQ(data(1, 30), line(30, "temperature"));
}

}  // namespace
}  // namespace plotbridge::app
