// Concern: a time is written for UTC and to the millisecond, on every day that a clock can say.
#include "plugin/encode/time_text.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <ctime>
#include <string>

namespace plotbridge::encode {
namespace {

using namespace std::chrono_literals;

std::string written(WallTime time, TimeFormat format) {
  std::string out;
  append_time(time, format, out);
  return out;
}

WallTime at_ms(std::int64_t unix_ms) { return WallTime(std::chrono::milliseconds(unix_ms)); }

TEST(TimeText, EachFormat) {
  const WallTime time = at_ms(1'795'452'000'123);
  EXPECT_EQ(written(time, TimeFormat::kPlotly), R"("2026-11-23 16:40:00.123")");
  EXPECT_EQ(written(time, TimeFormat::kIso8601), R"("2026-11-23T16:40:00.123Z")");
  EXPECT_EQ(written(time, TimeFormat::kUnixMs), "1795452000123");
}

TEST(TimeText, TheEpochAndThePartsOfASecond) {
  EXPECT_EQ(written(WallTime{}, TimeFormat::kPlotly), R"("1970-01-01 00:00:00.000")");
  EXPECT_EQ(written(WallTime{}, TimeFormat::kUnixMs), "0");
  EXPECT_EQ(written(at_ms(7), TimeFormat::kPlotly), R"("1970-01-01 00:00:00.007")");
  EXPECT_EQ(written(at_ms(86'399'999), TimeFormat::kPlotly), R"("1970-01-01 23:59:59.999")");
  EXPECT_EQ(written(at_ms(1) + 999'999ns, TimeFormat::kPlotly), R"("1970-01-01 00:00:00.001")");
}

TEST(TimeText, TimesBefore1970CountDownwards) {
  EXPECT_EQ(written(WallTime(-1ns), TimeFormat::kPlotly), R"("1969-12-31 23:59:59.999")");
  EXPECT_EQ(written(WallTime(-1ns), TimeFormat::kUnixMs), "-1");
  EXPECT_EQ(written(at_ms(-86'400'000), TimeFormat::kPlotly), R"("1969-12-31 00:00:00.000")");
}

TEST(TimeText, TheFirstAndTheLastTimeThereIs) {
  EXPECT_EQ(written(WallTime::min(), TimeFormat::kIso8601), R"("1677-09-21T00:12:43.145Z")");
  EXPECT_EQ(written(WallTime::max(), TimeFormat::kIso8601), R"("2262-04-11T23:47:16.854Z")");
}

TEST(TimeText, LeapDays) {
  EXPECT_EQ(written(at_ms(951'782'400'000), TimeFormat::kPlotly), R"("2000-02-29 00:00:00.000")");
  EXPECT_EQ(written(at_ms(4'107'542'400'000), TimeFormat::kPlotly), R"("2100-03-01 00:00:00.000")");
}

TEST(TimeText, AgreesWithTheCalendarOfTheCLibraryOnEveryDayOfSixCenturies) {
  for (std::int64_t day = -106'751; day <= 106'750; ++day) {
    const std::int64_t seconds = day * 86'400 + (day & 0x3FFF);
    const auto c_time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&c_time, &parts);
    std::array<char, 40> expected{};
    std::strftime(expected.data(), expected.size(), "\"%Y-%m-%d %H:%M:%S.000\"", &parts);
    ASSERT_EQ(written(at_ms(seconds * 1000), TimeFormat::kPlotly), expected.data()) << day;
  }
}

}  // namespace
}  // namespace plotbridge::encode
