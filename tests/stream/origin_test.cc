// Concern: an endpoint that restarts is told from a rival by what its other streams do, and a
// thousand streams do not fall upon it at once.
#include "plugin/stream/origin.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

Origin open_origin(std::size_t streams) {
  Origin origin(streams);
  for (std::size_t i = 0; i < streams; ++i) origin.opened();
  return origin;
}

void close_all(Origin& origin, std::size_t streams, TimePoint opened_at, TimePoint now) {
  for (std::size_t i = 0; i < streams; ++i) origin.closed(opened_at, now, true);
}

TEST(Origin, StreamThatClosesAloneHasSiblingsThatStayUp) {
  Origin origin = open_origin(5);
  origin.closed(kStart, kStart + 1min, true);
  EXPECT_EQ(origin.siblings(kStart + 1min), Siblings::kStayUp);
}

TEST(Origin, OnlyStreamHasNobodyToAsk) {
  Origin origin = open_origin(1);
  origin.closed(kStart, kStart + 1min, true);
  EXPECT_EQ(origin.siblings(kStart + 1min), Siblings::kNone);
}

TEST(Origin, StreamThatClosesTwiceInMomentsIsStillOne) {
  Origin origin = open_origin(1);
  origin.closed(kStart, kStart + 1min, true);
  origin.opened();
  origin.closed(kStart + 1min, kStart + 1min, true);
  EXPECT_EQ(origin.siblings(kStart + 1min), Siblings::kNone);
}

TEST(Origin, HalfOfTheStreamsClosingTogetherIsARestart) {
  Origin origin = open_origin(6);
  origin.closed(kStart, kStart + 60s, true);
  origin.closed(kStart, kStart + 61s, true);
  EXPECT_EQ(origin.siblings(kStart + 60s), Siblings::kStayUp) << "two of six";
  origin.closed(kStart, kStart + 62s, true);
  EXPECT_EQ(origin.siblings(kStart + 60s), Siblings::kMostClosed) << "the first one too";
  EXPECT_EQ(origin.siblings(kStart + 65s), Siblings::kStayUp) << "one that closes later";
}

TEST(Origin, CloseThatTakesAWhileToReachAllIsStillOne) {
  Origin origin = open_origin(10);
  for (int i = 0; i < 10; ++i) origin.closed(kStart, kStart + 60s + i * 400ms, true);
  EXPECT_EQ(origin.siblings(kStart + 60s + 4 * 400ms), Siblings::kMostClosed);
  EXPECT_EQ(origin.siblings(kStart + 60s), Siblings::kMostClosed)
      << "also when told at the end of it";
}

TEST(Origin, EndsWithAnotherReasonDoNotCount) {
  Origin origin = open_origin(4);
  for (int i = 0; i < 3; ++i) origin.closed(kStart, kStart + 60s, false);
  EXPECT_EQ(origin.siblings(kStart + 60s), Siblings::kStayUp);
}

TEST(Origin, SecondWaveOfAnEndpointThatNeverWentAwayIsNoRestart) {
  Origin origin = open_origin(4);
  close_all(origin, 4, kStart, kStart + 60s);
  EXPECT_EQ(origin.siblings(kStart + 60s), Siblings::kMostClosed);
  for (int i = 0; i < 4; ++i) origin.opened();
  close_all(origin, 4, kStart + 62s, kStart + 63s);
  EXPECT_EQ(origin.siblings(kStart + 63s), Siblings::kMostAgain);
}

TEST(Origin, SecondRestartOfAnEndpointThatWasAwayIsARestart) {
  Origin origin = open_origin(4);
  close_all(origin, 4, kStart, kStart + 60s);
  origin.unreachable();
  for (int i = 0; i < 4; ++i) origin.opened();
  close_all(origin, 4, kStart + 63s, kStart + 90s);
  EXPECT_EQ(origin.siblings(kStart + 90s), Siblings::kMostClosed);
}

TEST(Origin, WaveOfLongAgoIsForgotten) {
  Origin origin = open_origin(4);
  close_all(origin, 4, kStart, kStart + 60s);
  for (int i = 0; i < 4; ++i) origin.opened();
  close_all(origin, 4, kStart + 63s, kStart + 12min);
  EXPECT_EQ(origin.siblings(kStart + 12min), Siblings::kMostClosed);
}

TEST(Origin, ThousandRedialsAreTenASecondAfterTheFirstTen) {
  Origin origin(1000);
  std::vector<TimePoint> dials;
  for (int i = 0; i < 1000; ++i) dials.push_back(origin.next_dial(kStart, (i % 10) / 10.0));
  std::sort(dials.begin(), dials.end());
  EXPECT_EQ(dials[9], kStart);
  EXPECT_GT(dials[10], kStart);
  EXPECT_LE(dials.back(), kStart + 100s);
  for (auto from = dials.begin(); from != dials.end(); ++from) {
    const auto to = std::lower_bound(from, dials.end(), *from + 1s);
    EXPECT_LE(to - from, 22) << "in one second";
  }
}

TEST(Origin, UnusedPlacesAreNotSavedUp) {
  Origin origin(1000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(origin.next_dial(kStart + 1h, 0), kStart + 1h);
  EXPECT_GT(origin.next_dial(kStart + 1h, 0), kStart + 1h);
}

}  // namespace
}  // namespace plotbridge::stream
