// Concern: a rate is that of the last ten whole seconds, and fades when nothing comes any more.
#include "plugin/base/rate_meter.h"

#include <gtest/gtest.h>

namespace plotbridge {
namespace {

using namespace std::chrono_literals;

const TimePoint kStart(1000s);

TEST(RateMeter, NothingCountedIsNoRate) {
  RateMeter meter;
  EXPECT_EQ(meter.rate(kStart), 0);
  meter.count(kStart, 0);
  EXPECT_EQ(meter.rate(kStart + 5s), 0);
}

TEST(RateMeter, YoungRateIsThatOfTheSecondsThereAre) {
  RateMeter meter;
  for (int second = 0; second < 3; ++second) meter.count(kStart + second * 1s, 20);
  EXPECT_EQ(meter.rate(kStart + 3s), 20);
  meter.count(kStart + 3s, 1000);
  EXPECT_EQ(meter.rate(kStart + 3s), 20) << "the present second is not over";
}

TEST(RateMeter, OldSecondsAreForgotten) {
  RateMeter meter;
  for (int second = 0; second < 30; ++second)
    meter.count(kStart + second * 1s, second < 20 ? 5 : 8);
  EXPECT_EQ(meter.rate(kStart + 30s), 8);
  EXPECT_EQ(meter.rate(kStart + 35s), 4);
  EXPECT_EQ(meter.rate(kStart + 41s), 0);
  EXPECT_EQ(meter.rate(kStart + 1h), 0);
}

}  // namespace
}  // namespace plotbridge
