// Concern: what a broker has for us arrives, in order and once per subscription, over lost
// connections and lost sessions.
#include "plugin/mqtt/session.h"

#include "tests/mqtt/recorder.h"
#include "tests/mqtt/source.h"
#include "tests/support/mosquitto_process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

namespace plotbridge::mqtt {
namespace {

using test::MosquittoProcess;
using test::persistent;
using test::Recorder;
using test::Source;
using test::to;
using namespace std::chrono_literals;

class SessionInBothVersions : public ::testing::TestWithParam<int> {
 protected:
  SessionOptions with_version(SessionOptions options) const {
    options.mqtt_version = GetParam();
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(, SessionInBothVersions, ::testing::Values(5, 311));

TEST_P(SessionInBothVersions, AThousandNumbersArriveInOrderDigitForDigit) {
  MosquittoProcess broker;
  Recorder recorder;
  Session session(with_version(to(broker, {{"plant/+/temperature", 1, 0}})), recorder.callbacks());
  const auto before = std::chrono::system_clock::now();
  session.connect();
  ASSERT_TRUE(recorder.ready());
  EXPECT_TRUE(session.connected());

  Source source(broker);
  std::vector<std::string> sent;
  for (int i = 0; i < 1000; ++i) {
    sent.push_back(std::to_string(i) + (i % 2 ? ".50" : "e-3"));
    source.send("plant/boiler/temperature", sent.back());
  }
  ASSERT_TRUE(recorder.message(1000));
  const auto messages = recorder.messages();
  for (std::size_t i = 0; i < sent.size(); ++i) ASSERT_EQ(messages[i].payload, sent[i]);
  EXPECT_EQ(messages[0].topic, "plant/boiler/temperature");
  EXPECT_EQ(messages[0].qos, 1);
  EXPECT_FALSE(messages[0].retained);
  EXPECT_GE(messages[0].at, before);
  EXPECT_EQ(messages.size(), 1000U);
}

TEST_P(SessionInBothVersions, WhatWasPublishedWhileWeWereAwayComesWithTheKeptSession) {
  MosquittoProcess broker;
  Source source(broker);
  {
    Recorder recorder;
    Session session(with_version(persistent(to(broker, {{"plant/#", 1, 0}}))),
                    recorder.callbacks());
    session.connect();
    ASSERT_TRUE(recorder.ready());
    EXPECT_FALSE(recorder.ready()->session_present);
    session.disconnect(1s);
    EXPECT_FALSE(session.connected());
  }
  for (int i = 0; i < 50; ++i) source.send("plant/a", std::to_string(i));
  source.flush();

  Recorder recorder;
  Session session(with_version(persistent(to(broker, {{"plant/#", 1, 0}}))), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  EXPECT_TRUE(recorder.ready()->session_present);
  ASSERT_TRUE(recorder.message(50));
  const auto messages = recorder.messages();
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(messages[i].payload, std::to_string(i));
}

TEST_P(SessionInBothVersions, ABrokerThatForgotTheSessionIsSubscribedToAgain) {
  MosquittoProcess broker;
  Recorder recorder;
  Session session(with_version(persistent(to(broker, {{"plant/#", 1, 0}}))), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready(1));
  broker.restart();
  EXPECT_NE(recorder.down(1), "");
  EXPECT_FALSE(session.connected());

  session.connect();
  ASSERT_TRUE(recorder.ready(2));
  EXPECT_FALSE(recorder.ready(2)->session_present);
  Source source(broker);
  source.send("plant/a", "1");
  ASSERT_TRUE(recorder.message());
  EXPECT_EQ(recorder.message()->payload, "1");
}

TEST_P(SessionInBothVersions, ABrokerThatKeptTheSessionDoesNotSendRetainedMessagesAgain) {
  MosquittoProcess broker({.persistence = true});
  Source source(broker);
  source.send("plant/state", "RUNNING", 1, true);
  source.flush();
  Recorder recorder;
  Session session(with_version(persistent(to(broker, {{"plant/#", 1, 0}}))), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.message(1));
  EXPECT_TRUE(recorder.message(1)->retained);
  ASSERT_TRUE(recorder.ready(1));

  broker.restart();
  recorder.down(1);
  session.connect();
  ASSERT_TRUE(recorder.ready(2));
  EXPECT_TRUE(recorder.ready(2)->session_present);
  source.connect();
  source.send("plant/a", "next");
  ASSERT_TRUE(recorder.message(2));
  EXPECT_EQ(recorder.message(2)->payload, "next");
}

TEST_P(SessionInBothVersions, AFilterThatIsNewInTheConfigurationIsAddedToAKeptSession) {
  MosquittoProcess broker;
  {
    Recorder recorder;
    Session session(with_version(persistent(to(broker, {{"old", 1, 0}}))), recorder.callbacks());
    session.connect();
    ASSERT_TRUE(recorder.ready());
  }
  Recorder recorder;
  Session session(with_version(persistent(to(broker, {{"old", 1, 0}, {"new", 1, 0}}))),
                  recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  EXPECT_TRUE(recorder.ready()->session_present);
  Source source(broker);
  source.send("new", "1");
  ASSERT_TRUE(recorder.message());
}

TEST_P(SessionInBothVersions, ThreeHundredFiltersAreAllSubscribedTo) {
  MosquittoProcess broker;
  std::vector<Subscription> subscriptions;
  for (std::uint32_t i = 0; i < 300; ++i) subscriptions.push_back({"t/" + std::to_string(i), 1, 0});
  Recorder recorder;
  Session session(with_version(to(broker, subscriptions)), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  EXPECT_TRUE(recorder.ready()->problems.empty());
  Source source(broker);
  for (int i = 0; i < 300; ++i) source.send("t/" + std::to_string(i), "1");
  EXPECT_TRUE(recorder.message(300));
}

TEST(Session, WorksOverAWebsocketAndAfterItsEnd) {
  MosquittoProcess broker({.websockets = true});
  auto options = to(broker, {{"plant/#", 1, 0}});
  options.url = broker.url("ws");
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready(1));
  broker.restart();
  recorder.down(1);
  session.connect();
  ASSERT_TRUE(recorder.ready(2));
  Source source(broker);
  for (int i = 0; i < 200; ++i) source.send("plant/a", std::to_string(i));
  ASSERT_TRUE(recorder.message(200));
  const auto messages = recorder.messages();
  for (std::size_t i = 0; i < 200; ++i) ASSERT_EQ(messages[i].payload, std::to_string(i));
}

TEST_P(SessionInBothVersions, AnUnacknowledgedMessageComesAgainAfterTheConnectionBroke) {
  MosquittoProcess broker({.persistence = true});
  Recorder recorder;
  std::promise<void> arrived, go_on;
  std::atomic<int> calls = 0;
  recorder.when_message = [&](const Message&) {
    if (calls++ != 0) return;
    arrived.set_value();
    go_on.get_future().wait_for(10s);
  };
  Session session(with_version(persistent(to(broker, {{"plant/#", 1, 0}}))), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready(1));
  Source source(broker);
  source.send("plant/a", "1");
  ASSERT_EQ(arrived.get_future().wait_for(10s), std::future_status::ready);
  // The broker ends while our callback still works on the message: no acknowledgement can have been
  // sent.
  broker.restart();
  go_on.set_value();
  recorder.down(1);
  session.connect();
  ASSERT_TRUE(recorder.message(2));
  EXPECT_EQ(recorder.message(2)->payload, "1");
}

TEST(Session, NothingIsCalledAfterTheSessionIsGone) {
  MosquittoProcess broker;
  Source source(broker);
  Recorder recorder;
  auto session = std::make_unique<Session>(to(broker, {{"plant/#", 1, 0}}), recorder.callbacks());
  session->connect();
  ASSERT_TRUE(recorder.ready());
  std::atomic<bool> gone = false;
  std::thread sender([&] {
    while (!gone) source.send("plant/a", "1");
    for (int i = 0; i < 50; ++i) source.send("plant/a", "1");
    source.flush();
  });
  EXPECT_TRUE(recorder.message(100));
  session.reset();
  const std::size_t told = recorder.events();
  gone = true;
  sender.join();
  EXPECT_EQ(recorder.events(), told);
}

TEST(Session, OverlappingFiltersGiveOneCopyEachWithItsIdentifier) {
  MosquittoProcess broker;
  Recorder recorder;
  Session session(to(broker, {{"plant/+/t", 1, 7}, {"plant/#", 1, 300'000}}), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  Source source(broker);
  source.send("plant/a/t", "1");
  ASSERT_TRUE(recorder.message(2));
  auto messages = recorder.messages();
  std::vector<std::uint32_t> ids;
  for (const auto& message : messages)
    ids.insert(ids.end(), message.ids.begin(), message.ids.end());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<std::uint32_t>{7, 300'000}));
}

}  // namespace
}  // namespace plotbridge::mqtt
