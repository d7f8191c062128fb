// Concern: the link to a broker is never left in an attempt that tells nothing.
#include "plugin/app/broker_link.h"

#include "plugin/app/clock.h"

#include "tests/support/scripted_broker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

const std::string kConnackV5("\x20\x03\x00\x00\x00", 5);
constexpr char kConnect = '\x10';
constexpr char kSubscribe = '\x82';

std::size_t heard(const testing::ScriptedBroker& broker, char packet) {
  std::size_t times = 0;
  for (std::size_t n = 0; !broker.heard(n).empty(); ++n) {
    if (broker.heard(n)[0] == packet) ++times;
  }
  return times;
}

void wait_until_heard(const testing::ScriptedBroker& broker, char packet, std::size_t times) {
  const TimePoint deadline = steady_now() + 10s;
  while (heard(broker, packet) < times) {
    ASSERT_LT(steady_now(), deadline) << "packet " << int{packet} << ' ' << times;
    std::this_thread::yield();
  }
}

TEST(BrokerLink, GivesUpABrokerThatTakesTheConnectionAndNeverTheSubscription) {
  testing::ScriptedBroker broker({kConnackV5});
  config::Broker config;
  config.url = broker.url();
  BrokerLink link(
      config, {{"plant/#", 1, 7}}, "", [](const Message&) {}, [] {});
  TimePoint now = steady_now();
  link.start(now);
  wait_until_heard(broker, kSubscribe, 1);
  EXPECT_EQ(link.turn(now + 29s), now + BrokerLink::kPatience) << "somebody is to come then";
  EXPECT_EQ(link.status().problem, "not connected yet");
  now += BrokerLink::kPatience;
  link.turn(now);
  EXPECT_NE(link.status().problem.find("did not answer for 30 s"), std::string::npos)
      << link.status().problem;
  const TimePoint retry = link.turn(now);
  EXPECT_GT(retry, now);
  EXPECT_EQ(heard(broker, kConnect), 1U) << "not at once";
  link.turn(retry);
  wait_until_heard(broker, kConnect, 2);
  link.stop(1s);
}

}  // namespace
}  // namespace plotbridge::app
