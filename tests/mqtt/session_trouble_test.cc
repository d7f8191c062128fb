// Concern: what goes wrong between us and a broker is told in words a person can act on, and the
// rest goes on.
#include "plugin/mqtt/session.h"

#include "tests/mqtt/recorder.h"
#include "tests/mqtt/source.h"
#include "tests/support/mosquitto_process.h"
#include "tests/support/scripted_broker.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <new>
#include <stdexcept>

namespace plotbridge::mqtt {
namespace {

using test::MosquittoProcess;
using test::persistent;
using test::Recorder;
using test::Source;
using test::to;
using namespace std::chrono_literals;

class SessionTroubleInBothVersions : public ::testing::TestWithParam<int> {
 protected:
  SessionOptions with_version(SessionOptions options) const {
    options.mqtt_version = GetParam();
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(, SessionTroubleInBothVersions, ::testing::Values(5, 311));

TEST_P(SessionTroubleInBothVersions, ARefusedFilterIsToldWhileTheOthersWork) {
  MosquittoProcess broker({.forbidden_filter = "secret/#"});
  Recorder recorder;
  Session session(with_version(to(broker, {{"plant/#", 1, 0}, {"secret/#", 1, 0}})),
                  recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  ASSERT_EQ(recorder.ready()->problems.size(), 1U);
  EXPECT_NE(recorder.ready()->problems[0].find("refused the subscription to 'secret/#'"),
            std::string::npos)
      << recorder.ready()->problems[0];
  Source source(broker);
  source.send("plant/a", "1");
  EXPECT_TRUE(recorder.message());
}

TEST_P(SessionTroubleInBothVersions, AWrongPasswordSaysWhereToLook) {
  MosquittoProcess broker({.username = "edge", .password = "right"});
  auto options = with_version(to(broker));
  options.username = "edge";
  options.password = Secret("wrong-password");
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  const std::string why = recorder.down();
  EXPECT_NE(why.find("check broker.username and broker.password"), std::string::npos) << why;
  EXPECT_EQ(why.find("wrong-password"), std::string::npos) << why;
}

TEST(SessionTrouble, TheRightPasswordIsLetIn) {
  MosquittoProcess broker({.username = "edge", .password = "right"});
  auto options = to(broker);
  options.username = "edge";
  options.password = Secret("right");
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

TEST_P(SessionTroubleInBothVersions, ATooLargePayloadIsToldAndTheNextMessageFlows) {
  MosquittoProcess broker;
  auto options = with_version(to(broker, {{"plant/#", 1, 0}}));
  options.max_payload = 1000;
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  Source source(broker);
  source.send("plant/large", std::string(1001, 'x'));
  source.send("plant/fits", std::string(1000, 'x'));
  ASSERT_TRUE(recorder.message());
  EXPECT_EQ(recorder.message()->topic, "plant/fits");
  ASSERT_TRUE(recorder.oversize());
  EXPECT_EQ(recorder.oversize()->first, "plant/large");
  EXPECT_EQ(recorder.oversize()->second, 1001U);
}

// What a broker of MQTT 5 answers.
const std::string kAccepted("\x20\x03\x00\x00\x00", 5);
const std::string kAcceptedWithoutIdentifiers("\x20\x05\x00\x00\x02\x29\x00", 7);
const std::string kBusy("\x20\x03\x00\x89\x00", 5);
const std::string kTakenOver("\xe0\x02\x8e\x00", 4);
const std::string kGranted("\x90\x04\x00\x01\x00\x01", 6);

// Of MQTT 5, packets of less than 16 KiB.
std::string publish(const std::string& topic, const std::string& properties,
                    const std::string& payload) {
  const auto length = [](std::size_t size) {
    return std::string{static_cast<char>(0x80 | (size & 0x7f)), static_cast<char>(size >> 7)};
  };
  const std::string head{'\0', static_cast<char>(topic.size())};
  const std::string rest = head + topic + length(properties.size()) + properties + payload;
  return '\x30' + length(rest.size()) + rest;
}

TEST(SessionTrouble, PropertiesCountAsPayload) {
  std::string properties;
  for (int i = 0; i < 300; ++i) properties.append("\x26\0\0\0\0", 5);  // a user's, empty
  test::ScriptedBroker broker(
      {kAccepted + publish("many", properties, "1") + publish("few", "", "2") + kGranted});
  SessionOptions options;
  options.url = broker.url();
  options.subscriptions = {{"#", 1, 1}};
  options.max_payload = 1000;
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.message());
  EXPECT_EQ(recorder.message()->topic, "few");
  ASSERT_TRUE(recorder.oversize());
  EXPECT_EQ(recorder.oversize()->first, "many");
  EXPECT_EQ(recorder.oversize()->second, 1501U);
}

TEST(SessionTrouble, ATakenOverSessionIsToldInTheBrokersWords) {
  test::ScriptedBroker broker({kAccepted + kTakenOver});
  SessionOptions options;
  options.url = broker.url();
  Recorder recorder;
  Session session(persistent(options), recorder.callbacks());
  session.connect();
  const std::string why = recorder.down();
  EXPECT_NE(why.find("another client uses the same client id 'gateway-7'"), std::string::npos)
      << why;
  EXPECT_FALSE(session.connected());
}

TEST(SessionTrouble, ABusyBrokerIsToldAndTriedAgain) {
  test::ScriptedBroker broker({kBusy});
  SessionOptions options;
  options.url = broker.url();
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  EXPECT_EQ(recorder.down(1), "the broker refused the connection: it is busy");
  session.connect();
  EXPECT_EQ(recorder.down(2), "the broker refused the connection: it is busy");
}

TEST(SessionTrouble, ABrokerWithoutSubscriptionIdentifiersIsNotSentAny) {
  test::ScriptedBroker broker({kAcceptedWithoutIdentifiers, kGranted});
  SessionOptions options;
  options.url = broker.url();
  options.subscriptions = {{"plant/#", 1, 7}};
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  ASSERT_EQ(recorder.ready()->problems.size(), 1U);
  EXPECT_NE(recorder.ready()->problems[0].find("no subscription identifiers"), std::string::npos);
  EXPECT_EQ(broker.heard(1), std::string("\x82\x0d\x00\x01\x00\x00\x07plant/#\x11", 15));
}

TEST(SessionTrouble, ABrokerThatNeverAnswersIsGivenUp) {
  test::ScriptedBroker broker({});
  SessionOptions options;
  options.url = broker.url();
  options.connect_timeout = 1s;
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  const std::string why = recorder.down();
  EXPECT_NE(why.find("did not answer within 1 s"), std::string::npos) << why;
}

TEST(SessionTrouble, AnotherClientWithOurIdIsToldByItsName) {
  MosquittoProcess broker;
  Recorder first;
  Session session(persistent(to(broker)), first.callbacks());
  session.connect();
  ASSERT_TRUE(first.ready());
  Recorder second;
  Session rival(persistent(to(broker)), second.callbacks());
  rival.connect();
  ASSERT_TRUE(second.ready());
  const std::string why = first.down();
  EXPECT_NE(why.find("client id 'gateway-7'"), std::string::npos) << why;
  EXPECT_FALSE(session.connected());
  EXPECT_TRUE(rival.connected());
}

TEST(SessionTrouble, ACallbackThatThrowsDoesNotEndTheProcess) {
  MosquittoProcess broker;
  Recorder recorder;
  recorder.when_message = [](const Message& message) {
    if (message.payload == "bad") throw std::runtime_error("planted");
  };
  Session session(to(broker, {{"plant/#", 1, 0}}), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  Source source(broker);
  source.send("plant/a", "bad");
  source.send("plant/a", "good");
  ASSERT_TRUE(recorder.message());
  EXPECT_EQ(recorder.message()->payload, "good");
}

TEST_P(SessionTroubleInBothVersions, AMessageThatCannotBeHandledDoesNotComeBack) {
  MosquittoProcess broker;
  const auto options = with_version(persistent(to(broker, {{"plant/#", 1, 0}})));
  std::atomic<int> poisoned = 0;
  const auto bad_alloc_at_poison = [&](const Message& message) {
    if (message.payload != "poison") return;
    ++poisoned;
    throw std::bad_alloc();
  };
  Source source(broker);
  {
    Recorder recorder;
    recorder.when_message = bad_alloc_at_poison;
    Session session(options, recorder.callbacks());
    session.connect();
    ASSERT_TRUE(recorder.ready());
    source.send("plant/a", "poison");
    source.send("plant/a", "good");
    ASSERT_TRUE(recorder.message());
    session.disconnect(1s);
  }
  source.send("plant/a", "next");
  Recorder recorder;
  recorder.when_message = bad_alloc_at_poison;
  Session session(options, recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.message());
  EXPECT_EQ(recorder.message()->payload, "next");
  EXPECT_EQ(poisoned, 1);
}

TEST(SessionTrouble, ALowerQosThanAskedForIsTold) {
  MosquittoProcess broker({.extra = "max_qos 0\n"});
  Recorder recorder;
  Session session(to(broker, {{"plant/#", 1, 0}}), recorder.callbacks());
  session.connect();
  ASSERT_TRUE(recorder.ready());
  EXPECT_EQ(
      recorder.ready()->problems,
      std::vector<std::string>{"the broker grants 'plant/#' QoS 0 only: messages may be lost"});
}

TEST(SessionTrouble, AProxyOfTheEnvironmentIsNotUsed) {
  MosquittoProcess broker;
  ::setenv("http_proxy", "http://127.0.0.1:9", 1);
  ignore_proxy_variables();
  Recorder recorder;
  Session session(to(broker), recorder.callbacks());
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

TEST(SessionTrouble, NobodyThereIsToldAndTriedAgainByTheOwner) {
  MosquittoProcess broker;
  broker.stop();
  Recorder recorder;
  Session session(to(broker), recorder.callbacks());
  session.connect();
  EXPECT_EQ(recorder.down(1),
            "cannot connect to the broker at 127.0.0.1:" + std::to_string(broker.port()) +
                ": nothing listens there; is the broker running?");
  broker.start();
  session.connect();
  EXPECT_TRUE(recorder.ready());
}

TEST(SessionTrouble, AnUnknownHostIsTold) {
  SessionOptions options;
  options.url = "mqtt://no-such-host.invalid";
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  const std::string why = recorder.down();
  EXPECT_NE(why.find("no-such-host.invalid:1883: the name is not known"), std::string::npos) << why;
}

TEST(SessionTrouble, AnImpossibleUrlIsToldBeforeConnectReturns) {
  SessionOptions options;
  options.url = "http://broker";
  Recorder recorder;
  Session session(options, recorder.callbacks());
  session.connect();
  EXPECT_EQ(recorder.events(), 1U);
  EXPECT_NE(recorder.down().find("begin it with mqtt://"), std::string::npos);
}

TEST(SessionTrouble, LeavingDuringTheDialIsQuiet) {
  MosquittoProcess broker;
  broker.stop();
  Recorder recorder;
  {
    Session session(to(broker), recorder.callbacks());
    session.connect();
    session.disconnect(1s);
    const std::size_t told = recorder.events();
    EXPECT_LE(told, 1U);
    broker.start();
    session.connect();
    ASSERT_TRUE(recorder.ready());
  }
}

}  // namespace
}  // namespace plotbridge::mqtt
