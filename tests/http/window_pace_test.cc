// Concern: windows for those who watch are made one after the other, the larger the slower.
#include "plugin/http/window_pace.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

TEST(WindowPace, TheNextOneWaitsForAsLongAsTheLastWasLarge) {
  WindowPace pace;
  EXPECT_TRUE(pace.admits(kStart));
  pace.made(2 * WindowPace::kBytesPerSecond, kStart);
  EXPECT_FALSE(pace.admits(kStart));
  EXPECT_FALSE(pace.admits(kStart + 1999ms));
  EXPECT_TRUE(pace.admits(kStart + 2s));
  pace.made(1024, kStart + 2s);
  EXPECT_TRUE(pace.admits(kStart + 2s + 1ms)) << "small ones hardly wait";
}

}  // namespace
}  // namespace plotbridge::http
