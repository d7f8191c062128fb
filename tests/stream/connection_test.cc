// Concern: one token's connection does what the table says, at the times it says, and nothing else.
#include "plugin/stream/connection.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

Ending answered(int status) { return {Ending::How::kStatus, status, std::nullopt, {}}; }
Ending fin() { return {Ending::How::kFin, 0, std::nullopt, {}}; }
Ending unreachable() { return {Ending::How::kNoReach, 0, std::nullopt, "Connection refused"}; }

// A connection and a clock moved by hand. Random numbers are 1, so that delays are at their
// ceilings.
class ConnectionTest : public testing::Test {
 protected:
  Actions open() { return connection_.open(now_, 1); }
  Actions connected() { return connection_.connected(now_, 1); }
  Actions ended(const Ending& ending) { return connection_.ended(ending, now_, 1); }
  Actions drain() { return connection_.drain(now_, 1); }
  // Moves to the deadline and tells the connection.
  Actions wait() {
    now_ = connection_.deadline();
    return connection_.deadline_reached(now_, 1);
  }
  Duration until_deadline() const { return connection_.deadline() - now_; }
  State state() const { return connection_.state(); }
  // Data flows for so long.
  void flow(Duration time) {
    const TimePoint end = now_ + time;
    while (connection_.deadline() <= end) {
      wait();
      connection_.wrote(now_);
    }
    now_ = end;
    connection_.wrote(now_);
  }
  void become_live() {
    open();
    connected();
    connection_.wrote(now_);
    wait();
  }

  TimePoint now_{1000s};
  Connection connection_{{20s}, now_};
};

TEST_F(ConnectionTest, StreamOpensAtStartAndBecomesLiveWhenItLasts) {
  EXPECT_FALSE(connection_.may_send());
  EXPECT_TRUE(open().dial);
  EXPECT_EQ(state(), State::kConnecting);
  connected();
  EXPECT_EQ(state(), State::kProbation);
  EXPECT_TRUE(connection_.may_send());
  EXPECT_EQ(until_deadline(), 10s);
  const Actions actions = wait();
  EXPECT_EQ(state(), State::kLive);
  ASSERT_TRUE(actions.transition);
  EXPECT_EQ(actions.transition->from, State::kProbation);
}

TEST_F(ConnectionTest, SilentStreamIsKeptAliveByHeartbeats) {
  become_live();
  connection_.wrote(now_);
  EXPECT_EQ(until_deadline(), 20s);
  EXPECT_TRUE(wait().heartbeat);
  connection_.wrote(now_);
  EXPECT_EQ(until_deadline(), 20s);
}

TEST_F(ConnectionTest, HeartbeatThatCannotBeWrittenIsNotAskedForAtOnceAgain) {
  become_live();
  EXPECT_TRUE(wait().heartbeat);
  EXPECT_EQ(until_deadline(), 20s);
}

TEST_F(ConnectionTest, AnswerBeforeTheDeadlineMeansNothing) {
  become_live();
  const Actions actions = connection_.deadline_reached(now_, 1);
  EXPECT_FALSE(actions.heartbeat || actions.dial || actions.close || actions.transition);
}

TEST_F(ConnectionTest, EndpointThatDoesNotAnswerIsGivenUpAfterTenSeconds) {
  open();
  EXPECT_EQ(until_deadline(), 10s);
  const Actions actions = wait();
  EXPECT_TRUE(actions.close);
  EXPECT_EQ(state(), State::kWaiting);
  ASSERT_TRUE(actions.transition);
  EXPECT_EQ(actions.transition->reason, CloseReason::kNetwork);
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
  ended(fin());
  EXPECT_EQ(until_deadline(), 2s) << "half a minute does not count";
  wait();
  connected();
  flow(10s + 60s);
  ended(fin());
  EXPECT_EQ(until_deadline(), 500ms);
}

TEST_F(ConnectionTest, IdleCloseOfALiveStreamIsDialledAgainAtOnce) {
  become_live();
  EXPECT_TRUE(ended(answered(408)).dial);
  EXPECT_EQ(state(), State::kConnecting);
}

TEST_F(ConnectionTest, EvictedStreamStandsByAndTheHoldGrowsFourfoldToAnHour) {
  open();
  for (const Duration expected : {Duration(30s), Duration(120s), Duration(480s), Duration(1920s),
                                  Duration(1h), Duration(1h)}) {
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
  EXPECT_TRUE(connection_.open(now_, 1).dial) << "a person may ask for another try";
}

TEST_F(ConnectionTest, RetryAfterIsObeyedWithinLimits) {
  for (const auto& [asked, expected] :
       {std::pair<Duration, Duration>{7s, 7s}, {0s, 1s}, {24h, 15min}}) {
    Connection connection({20s}, now_);
    connection.open(now_, 1);
    Ending ending = answered(503);
    ending.retry_after = asked;
    connection.ended(ending, now_, 1);
    EXPECT_EQ(connection.state(), State::kWaiting);
    EXPECT_EQ(connection.deadline() - now_, expected);
  }
}

TEST_F(ConnectionTest, DrainEndsTheBodyAndWaitsForTheAnswer) {
  become_live();
  EXPECT_TRUE(drain().finish);
  EXPECT_EQ(state(), State::kDraining);
  EXPECT_FALSE(connection_.may_send());
  ended(answered(200));
  EXPECT_EQ(state(), State::kIdle);
  EXPECT_EQ(connection_.deadline(), kNever);
}

TEST_F(ConnectionTest, DrainDoesNotWaitForEverForTheAnswer) {
  become_live();
  drain();
  EXPECT_TRUE(wait().close);
  EXPECT_EQ(state(), State::kIdle);
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

// All sequences of 6 events from all that can happen: whatever comes, the machine dials only when
// nothing is open, sends only when something is, and always has a deadline unless it rests.
class Exhaustive {
 public:
  void run() { step(Connection({20s}, start_), start_, false, 6); }
  std::size_t steps = 0;

 private:
  void step(const Connection& before, TimePoint now, bool open, int left) {
    if (left == 0) return;
    for (int event = 0; event < 11; ++event) {
      Connection connection = before;
      TimePoint later = now;
      bool is_open = open;
      Actions actions;
      const auto end = [&](const Ending& ending) {
        is_open = false;
        actions = connection.ended(ending, later, 0.5);
      };
      switch (event) {
        case 0:
          actions = connection.open(later, 0.5);
          break;
        case 1:
          if (!open || connection.state() != State::kConnecting) continue;
          actions = connection.connected(later, 0.5);
          break;
        case 2:
          if (connection.deadline() == kNever) continue;
          later = connection.deadline();
          actions = connection.deadline_reached(later, 0.5);
          break;
        case 3:
          actions = connection.drain(later, 0.5);
          break;
        case 4:
          connection.wrote(later);
          break;
        default: {
          if (!open) continue;
          constexpr int kStatuses[] = {423, 404, 422, 429, 408, 503};
          end(answered(kStatuses[event - 5]));
        }
      }
      ++steps;
      if (actions.close) is_open = false;
      ASSERT_FALSE(actions.dial && is_open) << "dialled twice";
      if (actions.dial) is_open = true;
      ASSERT_FALSE((actions.heartbeat || actions.finish) && !is_open);
      const State state = connection.state();
      const bool should_be_open =
          connection.may_send() || state == State::kConnecting || state == State::kDraining;
      ASSERT_EQ(is_open, should_be_open) << to_text(state);
      ASSERT_EQ(connection.deadline() == kNever, state == State::kIdle) << to_text(state);
      step(connection, later, is_open, left - 1);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  TimePoint start_{1000s};
};

TEST(ConnectionTable, AllShortSequencesKeepTheInvariants) {
  Exhaustive exhaustive;
  exhaustive.run();
  EXPECT_GT(exhaustive.steps, 10'000u);
}

}  // namespace
}  // namespace plotbridge::stream
