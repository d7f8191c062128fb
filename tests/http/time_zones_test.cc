// Concern: a moment is written as people in a zone would write it, in summer and in winter.
#include "plugin/http/time_zones.h"

#include <gtest/gtest.h>

#include <chrono>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;
constexpr WallTime kNovember{1'795'452'000'678ms};

TEST(LocalTime, IsThatOfTheZoneSummerAndWinter) {
  EXPECT_EQ(local_time("UTC", kNovember), "2026-11-23 16:40:00.678");
  EXPECT_EQ(local_time("America/Montreal", kNovember), "2026-11-23 11:40:00.678");
  EXPECT_EQ(local_time("America/Montreal", kNovember - 150 * 24h), "2026-06-26 12:40:00.678");
}

TEST(LocalTime, OfAnUnknownZoneIsUtc) {
  EXPECT_EQ(local_time("Mars/Olympus", kNovember), "2026-11-23 16:40:00.678");
  EXPECT_EQ(local_time("../../etc/passwd", kNovember), "2026-11-23 16:40:00.678");
}

}  // namespace
}  // namespace plotbridge::http
