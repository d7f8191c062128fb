// Concern: a rival is confirmed by what the design says and by nothing less, and the token is left
// to it for as long as the policy says.
#include "plugin/stream/rival.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

TEST(Rival, OneSuspectIsChanceAlsoRightAfterTheMachineStarted) {
  for (const TimePoint start : {kStart, TimePoint{1s}}) {
    Rival rival(Contest::kShare);
    EXPECT_FALSE(rival.suspect(start, 1s));
  }
}

TEST(Rival, TwoSuspectsInTenMinutesConfirm) {
  Rival rival(Contest::kShare);
  rival.suspect(kStart, 1h);
  EXPECT_TRUE(rival.would_confirm(kStart + 10min, 1h));
  EXPECT_FALSE(rival.would_confirm(kStart + 10min + 1s, 1h));
}

TEST(Rival, ThreeSuspectsInAnHourConfirm) {
  Rival rival(Contest::kShare);
  EXPECT_FALSE(rival.suspect(kStart, 1h));
  EXPECT_FALSE(rival.suspect(kStart + 30min, 1h));
  EXPECT_TRUE(rival.suspect(kStart + 60min, 1h));
  EXPECT_FALSE(rival.suspect(kStart + 91min, 1h));
}

TEST(Rival, ConfirmedOneThatTakesTheTokenBackSoonNeedsNoSecondSuspect) {
  Rival rival(Contest::kShare);
  rival.hold(kStart, 0);
  EXPECT_TRUE(rival.would_confirm(kStart + 3h, 4min));
  EXPECT_FALSE(rival.would_confirm(kStart + 3h, 6min)) << "after long peace it is chance again";
}

TEST(Rival, SharedTokenIsTakenBackAfterHoldsThatGrowToAnHour) {
  Rival rival(Contest::kShare);
  for (const Duration expected : {Duration(30s), Duration(2min), Duration(8min), Duration(32min),
                                  Duration(1h), Duration(1h)}) {
    EXPECT_EQ(rival.hold(kStart, 0), expected);
  }
  EXPECT_EQ(rival.hold(kStart, 1), Duration(45min)) << "the spread is a quarter";
}

TEST(Rival, TwoHoursOfPeaceForgetOneHold) {
  Rival rival(Contest::kShare);
  rival.hold(kStart, 0);
  rival.hold(kStart, 0);
  rival.lasted(4h - 1s);
  EXPECT_EQ(rival.hold(kStart, 0), Duration(2min));
  rival.lasted(24h);
  EXPECT_EQ(rival.hold(kStart, 0), Duration(30s));
}

TEST(Rival, YieldedTokenIsLeftForGood) {
  EXPECT_EQ(Rival(Contest::kYield).hold(kStart, 0), std::nullopt);
}

TEST(Rival, InsistingTakesItBackAfterAMinuteButThirtyTimesAnHourAtMost) {
  Rival rival(Contest::kInsist);
  TimePoint now = kStart;
  int in_first_hour = 0, in_second_hour = 0;
  while (now < kStart + 2h) {
    const auto hold = rival.hold(now, (in_first_hour % 4) / 4.0);
    ASSERT_TRUE(hold);
    EXPECT_GE(*hold, Duration(60s));
    now += *hold;
    ++(now < kStart + 1h ? in_first_hour : in_second_hour);
  }
  EXPECT_EQ(in_first_hour, 30);
  EXPECT_LE(in_second_hour, 31);
}

}  // namespace
}  // namespace plotbridge::stream
