// Concern: turns leave the loop to all others, the longer the more.
#include "plugin/http/turn_pace.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

TEST(TurnPace, TheNextTurnLeavesFourTimesAsLongToOthers) {
  struct Row {
    Duration took;
    Duration next;  // after its begin
  };
  TurnPace pace(5);
  EXPECT_LE(pace.next(), kStart);
  for (const Row& row : {Row{0ms, 0ms}, Row{1ms, 5ms}, Row{276ms, 1380ms}, Row{10us, 50us}}) {
    pace.took(row.took, kStart + row.took);
    EXPECT_EQ(pace.next() - kStart, row.next);
  }
}

TEST(TurnPace, OfOnePartWaitsForNobody) {
  TurnPace pace(1);
  pace.took(276ms, kStart);
  EXPECT_EQ(pace.next(), kStart);
}

}  // namespace
}  // namespace plotbridge::http
