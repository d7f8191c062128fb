// Concern: however many streams change however often, the log stays readable, and the status knows
// each change.
#include "plugin/app/stream_report.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

TEST(ReportedChanges, ManyAtOnceThenOneInASecondAndTroubleApartFromWhatIsWanted) {
  ReportedChanges reported;
  for (int i = 0; i < ReportedChanges::kBurst; ++i) {
    ASSERT_EQ(reported.admit(true, kStart), 0U);
  }
  for (int i = 0; i < 50; ++i) ASSERT_EQ(reported.admit(true, kStart), std::nullopt);
  EXPECT_EQ(reported.admit(false, kStart), 0U) << "trouble is told all the same";
  EXPECT_EQ(reported.admit(true, kStart + 1s), 50U);
  EXPECT_EQ(reported.admit(true, kStart + 1s), std::nullopt);
  EXPECT_EQ(reported.admit(true, kStart + 2s), 1U);
}

}  // namespace
}  // namespace plotbridge::app
