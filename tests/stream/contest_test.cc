// Concern: transcripts. A whole story each: what the endpoint does, and how the connection answers,
// word by word.
#include "tests/stream/moments.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

// Four siblings that stay up.
struct Among : Scene {
  explicit Among(Contest contest = Contest::kShare) : Scene(5, contest) {
    for (int i = 0; i < 4; ++i) origin.opened();
  }
};

CloseReason reason(const Actions& actions) {
  return actions.closed ? actions.closed->reason : CloseReason::kDone;
}

TEST(Contest, NamedEvictionStandsByAtOnceAndIsTakenBackAfterTheHold) {
  Scene scene;
  scene.become_live();
  EXPECT_EQ(reason(scene.ended(answered(423))), CloseReason::kEvicted);
  EXPECT_EQ(scene.state(), State::kStandby);
  EXPECT_TRUE(scene.wait().dial);
  scene.connected();
  scene.flow(11s);
  EXPECT_EQ(scene.state(), State::kLive) << "the rival has left";
}

TEST(Contest, SilentEvictionBesideSiblingsIsSuspectedThenConfirmed) {
  Among scene;
  scene.become_live();
  EXPECT_FALSE(scene.ended(fin()).closed) << "too early to say why";
  EXPECT_EQ(scene.state(), State::kWaiting);
  EXPECT_EQ(scene.until_deadline(), 2s);
  Actions actions = scene.wait();
  EXPECT_EQ(reason(actions), CloseReason::kSuspect);
  EXPECT_TRUE(actions.dial);

  scene.connected();
  scene.ended(fin());
  actions = scene.wait();
  EXPECT_EQ(reason(actions), CloseReason::kEvicted);
  EXPECT_FALSE(actions.dial);
  EXPECT_EQ(scene.state(), State::kStandby);

  EXPECT_TRUE(scene.wait().dial) << "the hold is over";
  scene.connected();
  scene.ended(fin());
  EXPECT_EQ(reason(scene.wait()), CloseReason::kEvicted) << "the rival is known by now";
  EXPECT_EQ(scene.state(), State::kStandby);
}

TEST(Contest, LoneStreamAsksTheEndpointAndTakesOverOnlyOnce) {
  Scene scene;
  scene.become_live();
  scene.ended(fin());
  EXPECT_LE(scene.until_deadline(), 300ms);
  EXPECT_TRUE(scene.wait().dial);
  EXPECT_EQ(reason(scene.connected()), CloseReason::kSuspect) << "it was there all along";

  scene.ended(fin());
  Actions actions = scene.wait();
  EXPECT_TRUE(actions.probe) << "looks without taking over";
  EXPECT_FALSE(actions.dial);
  actions = scene.ended(ended_by(Ending::How::kReached));
  EXPECT_EQ(reason(actions), CloseReason::kEvicted);
  EXPECT_EQ(scene.state(), State::kStandby);
}

TEST(Contest, LoneStreamOfAnEndpointThatIsAwayWaitsForIt) {
  Scene scene;
  for (int restart = 0; restart < 5; ++restart) {
    if (restart == 0) scene.become_live();
    scene.ended(fin());
    scene.wait();
    EXPECT_EQ(reason(scene.ended(unreachable())), CloseReason::kRestart);
    EXPECT_EQ(scene.state(), State::kWaiting);
    scene.wait();
    scene.connected();
    scene.flow(61s);
  }
}

TEST(Contest, EndpointThatTakesSecondsToAcceptWasAway) {
  Scene scene;
  scene.become_live();
  for (int i = 0; i < 4; ++i) {
    scene.ended(fin());
    scene.wait();
    scene.now += 7s;  // SYNs were dropped
    EXPECT_EQ(reason(scene.connected()), CloseReason::kRestart);
  }
}

TEST(Contest, RestartOfTheEndpointIsNoRivalHoweverOften) {
  Among scene;
  scene.become_live();
  for (int restart = 0; restart < 5; ++restart) {
    for (int i = 0; i < 4; ++i) scene.origin.closed(scene.now - 60s, scene.now, true);
    scene.ended(reset());
    EXPECT_EQ(reason(scene.wait()), CloseReason::kRestart);
    scene.wait();
    scene.ended(unreachable());
    scene.wait();
    for (int i = 0; i < 4; ++i) scene.origin.opened();
    scene.connected();
    scene.flow(2min);
    EXPECT_EQ(scene.state(), State::kLive);
  }
}

TEST(Contest, EndpointThatNamesItsEvictionsIsNotSuspected) {
  Among scene;
  scene.become_live();
  Ending ending = answered(500);
  ending.names_evictions = true;
  scene.ended(ending);
  scene.wait();
  scene.connected();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reason(scene.ended(fin())), CloseReason::kNetwork);
    scene.wait();
    scene.connected();
  }
}

TEST(Contest, YieldedStreamWaitsForAPerson) {
  Among scene(Contest::kYield);
  scene.become_live();
  scene.ended(answered(423));
  EXPECT_EQ(scene.state(), State::kStandby);
  EXPECT_EQ(scene.connection.deadline(), kNever);
  EXPECT_TRUE(scene.open().dial);
}

TEST(Contest, InsistingStreamIsBackAfterAMinute) {
  Among scene(Contest::kInsist);
  scene.become_live();
  for (int i = 0; i < 10; ++i) {
    scene.ended(answered(423));
    EXPECT_GE(scene.until_deadline(), 60s);
    EXPECT_LE(scene.until_deadline(), 75s);
    EXPECT_TRUE(scene.wait().dial);
    scene.connected();
  }
}

TEST(Contest, TimeoutIsTheNetworkHoweverOften) {
  Among scene;
  scene.become_live();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reason(scene.ended(ended_by(Ending::How::kTimeout))), CloseReason::kNetwork);
    scene.wait();
    scene.connected();
  }
  EXPECT_NE(scene.state(), State::kStandby);
}

}  // namespace
}  // namespace plotbridge::stream
