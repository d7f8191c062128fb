// Concern: what the configuration does not say of its streams fits what it says of the endpoint.
#include "plugin/app/streamer_options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

Duration heartbeat_of(const config::Config& config) {
  std::optional<QuarantineWriter> quarantine;
  return streamer_options(config, "http://127.0.0.1:1", quarantine, nullptr).connection.heartbeat;
}

TEST(StreamerOptions, HeartbeatsComeBeforeTheBuiltInEndpointEndsASilentStream) {
  config::Config config;
  config.server.emplace();
  EXPECT_EQ(heartbeat_of(config), 20s);
  config.server->idle_timeout = 3s;
  EXPECT_EQ(heartbeat_of(config), 1s);
  config.endpoint.emplace();
  EXPECT_EQ(heartbeat_of(config), 20s) << "that endpoint is another one";
}

}  // namespace
}  // namespace plotbridge::app
