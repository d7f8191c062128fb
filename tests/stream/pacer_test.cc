// Concern: a paced stream never goes faster than it may.
#include "plugin/stream/pacer.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

TEST(Pacer, TwentyLinesASecondAreFiftyMillisecondsApart) {
  Pacer pacer(20);
  TimePoint now(10s);
  EXPECT_LE(pacer.next_send(), now);
  pacer.sent(now);
  EXPECT_EQ(pacer.next_send(), now + 50ms);
}

TEST(Pacer, UnlimitedStreamNeverWaits) {
  Pacer pacer(std::nullopt);
  TimePoint now(10s);
  pacer.sent(now);
  EXPECT_LE(pacer.next_send(), now);
  EXPECT_EQ(pacer.interval(), 0s);
}

}  // namespace
}  // namespace plotbridge::stream
