// Concern: one token's connection does what the table says, at the times it says, and nothing else.
#include "plugin/stream/connection.h"

#include "tests/stream/moments.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

class ConnectionTest : public testing::Test, protected Scene {};

TEST_F(ConnectionTest, StreamOpensAtStartAndBecomesLiveWhenItLasts) {
  EXPECT_FALSE(connection.may_send());
  EXPECT_TRUE(open().dial);
  EXPECT_EQ(state(), State::kConnecting);
  connected();
  EXPECT_EQ(state(), State::kProbation);
  EXPECT_TRUE(connection.may_send());
  EXPECT_EQ(until_deadline(), 10s);
  const Actions actions = wait();
  EXPECT_EQ(state(), State::kLive);
  ASSERT_TRUE(actions.transition);
  EXPECT_EQ(actions.transition->from, State::kProbation);
}

TEST_F(ConnectionTest, SilentStreamIsKeptAliveByHeartbeats) {
  become_live();
  connection.wrote(now);
  EXPECT_EQ(until_deadline(), 20s);
  EXPECT_TRUE(wait().heartbeat);
  connection.wrote(now);
  EXPECT_EQ(until_deadline(), 20s);
}

TEST_F(ConnectionTest, HeartbeatThatCannotBeWrittenIsNotAskedForAtOnceAgain) {
  become_live();
  EXPECT_TRUE(wait().heartbeat);
  EXPECT_EQ(until_deadline(), 20s);
}

TEST_F(ConnectionTest, AnswerBeforeTheDeadlineMeansNothing) {
  become_live();
  const Actions actions = connection.deadline_reached(at());
  EXPECT_FALSE(actions.heartbeat || actions.dial || actions.close || actions.transition);
}

TEST_F(ConnectionTest, EndpointThatDoesNotAnswerIsGivenUpAfterTwelveSeconds) {
  open();
  EXPECT_EQ(until_deadline(), 12s);
  const Actions actions = wait();
  EXPECT_TRUE(actions.close);
  EXPECT_EQ(state(), State::kWaiting);
  ASSERT_TRUE(actions.closed);
  EXPECT_EQ(actions.closed->reason, CloseReason::kNetwork);
}

TEST_F(ConnectionTest, DelayBetweenDialsDoublesUpToThirtySeconds) {
  open();
  for (const Duration expected :
       {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms}) {
    ended(unreachable());
    EXPECT_EQ(state(), State::kWaiting);
    EXPECT_EQ(until_deadline(), expected);
    EXPECT_TRUE(wait().dial);
  }
}

TEST_F(ConnectionTest, DelayIsForgottenOnlyAfterAMinuteLive) {
  open();
  ended(unreachable());
  wait();
  ended(unreachable());
  wait();
  connected();
  flow(30s);
  ended(answered(500));
  EXPECT_EQ(until_deadline(), 2s) << "half a minute does not count";
  wait();
  connected();
  flow(10s + 60s);
  ended(answered(500));
  EXPECT_EQ(until_deadline(), 500ms);
}

TEST_F(ConnectionTest, IdleCloseOfALiveStreamIsDialledAgainAtOnce) {
  become_live();
  EXPECT_TRUE(ended(answered(408)).dial);
  EXPECT_EQ(state(), State::kConnecting);
}

TEST_F(ConnectionTest, EvictedStreamStandsByAndTheHoldGrowsFourfoldToAnHour) {
  open();
  // Random numbers are 1: three quarters of 30 s, 2 min, 8 min, 32 min and an hour.
  for (const Duration expected : {Duration(22500ms), Duration(90s), Duration(360s), Duration(1440s),
                                  Duration(45min), Duration(45min)}) {
    connected();
    const Actions actions = ended(answered(423));
    EXPECT_FALSE(actions.dial);
    EXPECT_EQ(state(), State::kStandby);
    EXPECT_EQ(until_deadline(), expected);
    EXPECT_TRUE(wait().dial);
  }
}

TEST_F(ConnectionTest, RefusedStreamIsParkedForAboutAQuarterOfAnHour) {
  open();
  connected();
  ended(answered(404));
  EXPECT_EQ(state(), State::kParked);
  EXPECT_EQ(until_deadline(), 18min);
  EXPECT_TRUE(open().dial) << "a person may ask for another try";
}

TEST_F(ConnectionTest, RetryAfterIsObeyedWithinLimits) {
  for (const auto& [asked, expected] :
       {std::pair<Duration, Duration>{7s, 7s}, {0s, 1s}, {24h, 15min}}) {
    Scene scene;
    scene.open();
    scene.connected();
    Ending ending = answered(503);
    ending.retry_after = asked;
    scene.ended(ending);
    EXPECT_EQ(scene.state(), State::kWaiting);
    EXPECT_EQ(scene.until_deadline(), expected);
  }
}

TEST_F(ConnectionTest, DrainEndsTheBodyAndWaitsForTheAnswer) {
  become_live();
  EXPECT_TRUE(drain().finish);
  EXPECT_EQ(state(), State::kDraining);
  EXPECT_FALSE(connection.may_send());
  ended(answered(200));
  EXPECT_EQ(state(), State::kIdle);
  EXPECT_EQ(connection.deadline(), kNever);
}

TEST_F(ConnectionTest, DrainDoesNotWaitForEverForTheAnswer) {
  become_live();
  drain();
  EXPECT_TRUE(wait().close);
  EXPECT_EQ(state(), State::kIdle);
}

TEST_F(ConnectionTest, ProgramThatEndsDoesNotWaitToLearnWhyAStreamEnded) {
  become_live();
  ended(fin());
  const Actions actions = drain();
  EXPECT_EQ(state(), State::kIdle);
  ASSERT_TRUE(actions.closed);
  EXPECT_EQ(actions.closed->reason, CloseReason::kNetwork);
}

TEST_F(ConnectionTest, RoundedOffStreamGoesOnWithTheAnswer) {
  become_live();
  EXPECT_TRUE(connection.round_off(at()).finish);
  EXPECT_EQ(state(), State::kDraining);
  const Actions actions = ended(answered(200));
  EXPECT_TRUE(actions.dial);
  ASSERT_TRUE(actions.closed);
  EXPECT_EQ(actions.closed->reason, CloseReason::kDone);
}

TEST_F(ConnectionTest, EndpointThatGivesNoAnswerToTheEndHasHadItsTime) {
  become_live();
  connection.round_off(at());
  const Actions actions = wait();
  EXPECT_TRUE(actions.close);
  EXPECT_TRUE(actions.dial);
  EXPECT_EQ(actions.closed->reason, CloseReason::kDone);
}

TEST_F(ConnectionTest, AnswerToARoundedOffStreamCountsAsOnALiveOne) {
  become_live();
  connection.round_off(at());
  ended(answered(422));
  EXPECT_EQ(state(), State::kWaiting);
  EXPECT_EQ(until_deadline(), 200ms);
  wait();
  connected();
  connection.round_off(at());
  ended(answered(423));
  EXPECT_EQ(state(), State::kStandby);
}

TEST_F(ConnectionTest, StopWhileRoundedOffEndsWithTheAnswer) {
  become_live();
  connection.round_off(at());
  drain();
  EXPECT_EQ(state(), State::kDraining);
  ended(answered(200));
  EXPECT_EQ(state(), State::kIdle);
}

TEST_F(ConnectionTest, DialsAfterTheFirstTakeTheirPlaceInTheQueueOfTheEndpoint) {
  become_live();
  for (int i = 0; i < 10; ++i) origin.next_dial(now, 0);
  const Actions actions = ended(answered(408));  // would be dialled at once
  EXPECT_FALSE(actions.dial);
  EXPECT_EQ(state(), State::kWaiting);
  EXPECT_GE(until_deadline(), 100ms);
  EXPECT_TRUE(wait().dial);
}

// A machine that could stand still for ever in a state that wants to send would be a dead chart.
TEST(ConnectionTable, EveryWantedStateHasAWayOutByTimeAndADrain) {
  for (const State state : kAllStates) {
    if (state == State::kIdle) continue;
    EXPECT_NE(find_row(state, Trigger::kDeadline), nullptr) << to_text(state);
    if (state == State::kDraining) continue;
    EXPECT_NE(find_row(state, Trigger::kDrain), nullptr) << to_text(state);
  }
}

TEST(ConnectionTable, NoPairHasTwoRows) {
  std::set<std::pair<State, Trigger>> pairs;
  for (const Row& row : connection_table()) {
    EXPECT_TRUE(pairs.emplace(row.from, row.on).second)
        << to_text(row.from) << " has two rows for trigger " << static_cast<int>(row.on);
  }
}

TEST(ConnectionTable, StatesThatWaitHaveATimer) {
  for (const Row& row : connection_table()) {
    const bool waits = row.to != State::kIdle && row.effect != Effect::kForget;
    EXPECT_EQ(row.timer != Timer::kNone, waits) << to_text(row.from) << " to " << to_text(row.to);
  }
}

}  // namespace
}  // namespace plotbridge::stream
