// Concern: every change by REST is counted, and told with its author until there are too many.
#include "plugin/http/change_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = TimePoint(1000h);

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

TEST(ChangeLog, SaysHowManyItLeftOut) {
  ChangeLog log;
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) {
    log.note(FileChange::kDeleted, "plot", 7, "boiler", {"plant", "192.0.2.1:1000"}, kStart);
  }
  log.note(FileChange::kMade, "grid", 8, "g\n\xFF", {"plant", "192.0.2.1:1000"}, kStart + 1min);
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(told, "plot deleted by REST"), static_cast<std::size_t>(ChangeLog::kBurst));
  EXPECT_EQ(count(told, "name=boiler id=7 user=plant from=192.0.2.1:1000"), 100U) << told;
  EXPECT_EQ(count(told, "suppressed=900"), 1U) << told;
  EXPECT_EQ(log.counts(), (std::array<std::uint64_t, kFileChanges>{1, 0, 1000}));
}

}  // namespace
}  // namespace plotbridge::http
