// Concern: times are read to the nanosecond in every way that payloads write them, and what is none
// is not taken for one.
#include "plugin/shape/time_reader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace plotbridge::shape {
namespace {

std::optional<std::int64_t> read(std::string_view text, TimeUnit unit) {
  const auto time = read_time(text, unit);
  return time ? std::optional(time->time_since_epoch().count()) : std::nullopt;
}

constexpr std::int64_t kMoment = 1'795'452'000'123'456'789;  // 2026-11-23T16:40:00.123456789Z

TEST(TimeReader, EveryUnitToTheNanosecond) {
  EXPECT_EQ(read("1795452000.123456789", TimeUnit::kUnixS), kMoment);
  EXPECT_EQ(read("1795452000123.456789", TimeUnit::kUnixMs), kMoment);
  EXPECT_EQ(read("1795452000123456.789", TimeUnit::kUnixUs), kMoment);
  EXPECT_EQ(read("1795452000123456789", TimeUnit::kUnixNs), kMoment);
  EXPECT_EQ(read("1795452000123456789.9", TimeUnit::kUnixNs), kMoment);
  EXPECT_EQ(read("1795452000", TimeUnit::kUnixS), 1'795'452'000'000'000'000);
  EXPECT_EQ(read("-1.5", TimeUnit::kUnixS), -1'500'000'000);
  EXPECT_EQ(read("1.795452e9", TimeUnit::kUnixS), 1'795'452'000'000'000'000);
  EXPECT_EQ(read("0", TimeUnit::kUnixMs), 0);
}

TEST(TimeReader, NumbersOutsideTheYearsAndWhatIsNone) {
  for (const std::string_view text :
       {"99999999999", "-99999999999", "1e30", "99999999999999999999999", "", "abc", "1.", "nan"}) {
    EXPECT_EQ(read(text, TimeUnit::kUnixS), std::nullopt) << text;
  }
}

TEST(TimeReader, Iso8601AsItIsWrittenInTheField) {
  for (const std::string_view text :
       {"2026-11-23T16:40:00.123456789Z", "2026-11-23 16:40:00.123456789",
        "2026-11-23t16:40:00,123456789z", "2026-11-23T17:40:00.123456789+01:00",
        "2026-11-23T17:40:00.123456789+0100", "2026-11-23T17:40:00.123456789+01",
        "2026-11-23T11:10:00.1234567899-05:30"}) {
    EXPECT_EQ(read(text, TimeUnit::kIso8601), kMoment) << text;
  }
  EXPECT_EQ(read("1970-01-02", TimeUnit::kIso8601), 86'400'000'000'000);
  EXPECT_EQ(read("1970-01-01T00:01", TimeUnit::kIso8601), 60'000'000'000);
  EXPECT_EQ(read("1970-01-01T24:00", TimeUnit::kIso8601), 86'400'000'000'000);
  EXPECT_EQ(read("1972-06-30T23:59:60Z", TimeUnit::kIso8601),
            read("1972-07-01T00:00:00Z", TimeUnit::kIso8601));
}

TEST(TimeReader, WhatIsNoIso8601) {
  for (const std::string_view text :
       {"", "2026", "2026-11", "2026-13-01", "2026-02-29", "2026-11-23T", "2026-11-23T25:00",
        "2026-11-23T24:01", "2026-11-23T16:60", "2026-11-23T16:40:61", "2026-11-23T16:40:00.",
        "2026-11-23T16:40Zx", "2026-11-23T16:40+1", "2026-11-23T16:40+24:00", "9999-01-01",
        "1677-01-01", "23.11.2026", "1795452000"}) {
    EXPECT_EQ(read(text, TimeUnit::kIso8601), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace plotbridge::shape
