// Concern: the simulated plant looks like one: plausible values that move slowly, the same for a
// seed.
#include "plugin/app/plant.h"

#include "plugin/app/pipeline.h"
#include "plugin/config/yaml_loader.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kPlantStart{std::chrono::seconds(1'790'000'000)};

std::map<std::string, std::vector<std::string>> ten_minutes(std::uint64_t seed) {
  Plant plant(seed, kPlantStart);
  std::map<std::string, std::vector<std::string>> payloads;
  for (int i = 0; i < 30'000; ++i) {
    const PlantMessage message = plant.next(kPlantStart + i * 20ms);
    payloads[message.topic].push_back(message.payload);
  }
  return payloads;
}

TEST(Plant, PublishesNumbersJsonProtobufSparkplugAndText) {
  const auto payloads = ten_minutes(1);
  std::set<std::string> topics;
  for (const auto& [topic, values] : payloads) topics.insert(topic);
  EXPECT_EQ(topics, (std::set<std::string>{
                        "plant/line1/boiler/1/pressure", "plant/line1/boiler/1/temperature",
                        "plant/line1/boiler/2/temperature", "plant/line1/press/2/telemetry",
                        "plant/line1/pump/7/telemetry", "plant/line1/state",
                        "spBv1.0/plant/NBIRTH/line1", "spBv1.0/plant/NDATA/line1"}));
}

TEST(Plant, EveryTopicSpeaksWithinASecondAtFiftyMessagesASecond) {
  Plant plant(1, kPlantStart);
  std::set<std::string> topics;
  for (int i = 0; i < 50; ++i) topics.insert(plant.next(kPlantStart + i * 20ms).topic);
  EXPECT_EQ(topics.size(), 8U);
}

TEST(Plant, TemperaturesSwingWithinTheThermostatAndNeverJump) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto payloads = ten_minutes(seed);
    for (const char* topic :
         {"plant/line1/boiler/1/temperature", "plant/line1/boiler/2/temperature"}) {
      double low = 1e9;
      double high = -1e9;
      double before = std::nan("");
      for (const std::string& payload : payloads.at(topic)) {
        const double value = std::strtod(payload.c_str(), nullptr);
        ASSERT_FALSE(std::abs(value - before) > 0.5) << topic;
        before = value;
        low = std::min(low, value);
        high = std::max(high, value);
      }
      EXPECT_GT(low, 68) << topic;
      EXPECT_LT(low, 75) << topic;
      EXPECT_GT(high, 81) << topic;
      EXPECT_LT(high, 86) << topic;
    }
  }
}

TEST(Plant, ThePumpTellsItsStateAndItsPhysicsFollow) {
  const auto payloads = ten_minutes(1);
  std::set<std::string> states;
  double fastest = 0;
  for (const std::string& payload : payloads.at("plant/line1/pump/7/telemetry")) {
    const auto json = nlohmann::json::parse(payload);
    states.insert(json.at("state"));
    EXPECT_GE(json.at("ts").get<std::int64_t>(), 1'790'000'000'000);
    EXPECT_EQ(json.at("bearing").at("temp").size(), 2U);
    const double speed = json.at("rpm");
    fastest = std::max(fastest, speed);
    EXPECT_NEAR(json.at("power_kw").get<double>(), 11 * std::pow(speed / 1480, 3), 0.05);
  }
  EXPECT_TRUE(states.contains("RUNNING"));
  EXPECT_TRUE(states.contains("IDLE"));
  EXPECT_NEAR(fastest, 1480, 60);
}

TEST(Plant, ThePressAndTheMixerAreWhatTheirFormatsSay) {
  const config::Loaded loaded = config::load_file(PLOTBRIDGE_SOURCE_DIR "/deploy/demo.yaml");
  ASSERT_TRUE(loaded.mistakes.empty()) << loaded.mistakes.front().to_string();
  std::map<std::string, std::size_t> lines;
  Pipeline pipeline(loaded.config, [&](std::size_t stream, const Line&, const Arrival&) {
    ++lines[loaded.config.streams[stream].name];
  });
  Plant plant(1, kPlantStart);
  for (int i = 0; i < 2'100; ++i) {
    const PlantMessage published = plant.next(kPlantStart + i * 20ms);
    Message message;
    message.topic = published.topic;
    message.payload = published.payload;
    pipeline.take(message);
  }
  for (const auto& stream : loaded.config.streams)
    EXPECT_GE(lines[stream.name], 100U) << stream.name;
  const PipelineCounts counts = pipeline.counts();
  EXPECT_EQ(counts.unrouted, 0U);
  for (const RouteCounts& route : counts.routes) EXPECT_TRUE(route.decode_errors.empty());
}

TEST(Plant, TheLineChangesItsState) {
  const auto payloads = ten_minutes(1);
  const auto& states = payloads.at("plant/line1/state");
  const std::set<std::string> seen(states.begin(), states.end());
  EXPECT_TRUE(seen.contains("PRODUCING"));
  EXPECT_TRUE(seen.contains("CHANGEOVER"));
}

TEST(Plant, TheSameSeedIsTheSamePlant) {
  EXPECT_EQ(ten_minutes(7), ten_minutes(7));
  EXPECT_NE(ten_minutes(7), ten_minutes(8));
}

TEST(Plant, ALongPauseDoesNotBreakIt) {
  Plant plant(1, kPlantStart);
  plant.next(kPlantStart);
  const PlantMessage later = plant.next(kPlantStart + std::chrono::hours(24 * 365));
  const double pressure = std::strtod(later.payload.c_str(), nullptr);
  EXPECT_GT(pressure, 1.5);
  EXPECT_LT(pressure, 4);
  EXPECT_NO_THROW(plant.next(kPlantStart));  // a clock that was set back
}

}  // namespace
}  // namespace plotbridge::app
