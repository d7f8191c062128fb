// Concern: a paced stream never goes faster than it may, and knows when a newer value takes an
// older one's place.
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

TEST(Pacer, UnlimitedStreamNeverWaitsNorReplaces) {
  Pacer pacer(std::nullopt);
  TimePoint now(10s);
  pacer.sent(now);
  EXPECT_LE(pacer.next_send(), now);
  EXPECT_FALSE(pacer.replaces_newest(now));
  EXPECT_FALSE(pacer.replaces_newest(now));
}

TEST(Pacer, LinesOfOneIntervalReplaceEachOther) {
  Pacer pacer(20);
  TimePoint start(10s);
  EXPECT_FALSE(pacer.replaces_newest(start));
  EXPECT_TRUE(pacer.replaces_newest(start + 10ms));
  EXPECT_TRUE(pacer.replaces_newest(start + 49ms));
  EXPECT_FALSE(pacer.replaces_newest(start + 50ms));
  EXPECT_TRUE(pacer.replaces_newest(start + 99ms));
}

}  // namespace
}  // namespace plotbridge::stream
