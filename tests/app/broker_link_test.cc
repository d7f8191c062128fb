// Concern: the link to a broker is never left in an attempt that tells nothing.
#include "plugin/app/broker_link.h"

#include "plugin/base/clock.h"

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

std::size_t heard(const test::ScriptedBroker& broker, char packet) {
  std::size_t times = 0;
  for (std::size_t n = 0; !broker.heard(n).empty(); ++n) {
    if (broker.heard(n)[0] == packet) ++times;
  }
  return times;
}

void wait_until_heard(const test::ScriptedBroker& broker, char packet, std::size_t times) {
  const TimePoint deadline = steady_now() + 10s;
  while (heard(broker, packet) < times) {
    ASSERT_LT(steady_now(), deadline) << "packet " << int{packet} << ' ' << times;
    std::this_thread::yield();
  }
}

TEST(BrokerLink, GivesUpABrokerThatTakesTheConnectionAndNeverTheSubscription) {
  test::ScriptedBroker broker({kConnackV5});
  config::Broker config;
  config.url = broker.url();
  BrokerLink link(config, {{"plant/#", 1, 7}}, "",
                  {.on_message = [](const Message&) {}, .on_change = [] {}});
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

struct Case {
  const char* name;
  std::string answer;
  Duration least;
  Duration most;
};

TEST(BrokerLink, ComesBackSoonUnlessAPersonHasToActFirst) {
  const Case cases[] = {
      {"busy", std::string("\x20\x03\x00\x89\x00", 5), 500ms, 1s},
      {"wrong password", std::string("\x20\x03\x00\x86\x00", 5), 30s, 60s},
      {"another client with its id", kConnackV5 + std::string("\xe0\x01\x8e", 3), 30s, 60s},
  };
  for (const Case& one : cases) {
    test::ScriptedBroker broker({one.answer});
    config::Broker config;
    config.url = broker.url();
    BrokerLink link(config, {}, "", {.on_message = [](const Message&) {}, .on_change = [] {}});
    const TimePoint now = steady_now();
    link.start(now);
    TimePoint next = link.turn(now);
    while (next == now + BrokerLink::kPatience || next == kNever) {  // nothing was answered yet
      ASSERT_LT(steady_now(), now + 10s) << one.name;
      std::this_thread::yield();
      next = link.turn(now);
    }
    EXPECT_GE(next, now + one.least) << one.name;
    EXPECT_LE(next, now + one.most) << one.name;
    link.stop(1s);
  }
}

TEST(BrokerLink, SaysThatABrokerForgotTheSession) {
  test::ScriptedBroker broker({kConnackV5 + std::string("\xe0\x01\x8b", 3)});  // shuts down
  config::Broker config;
  config.url = broker.url();
  config.client_id = "gateway-7";
  BrokerLink link(config, {}, "", {.on_message = [](const Message&) {}, .on_change = [] {}});
  link.start(steady_now());
  TimePoint now = steady_now();
  while (heard(broker, kConnect) < 2 || link.status().reconnects == 0) {
    ASSERT_LT(steady_now(), now + 10s);
    // Time goes by as fast as it is wanted to.
    const TimePoint next = link.turn(steady_now());
    if (next < steady_now() + 10s) link.turn(next);
    std::this_thread::yield();
  }
  EXPECT_GE(link.status().lost_sessions, 1U);
  link.stop(1s);
}

}  // namespace
}  // namespace plotbridge::app
