#include "plugin/encode/time_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace plotbridge::encode {
namespace {

struct Date {
  unsigned year;
  unsigned month;
  unsigned day;
};

/// Days since 1970-01-01 to the Gregorian calendar (Howard Hinnant, "chrono-compatible low-level
/// date algorithms"). A WallTime counts nanoseconds in 64 bits, so the years are 1677 to 2262 and
/// no era is negative.
Date date_of(std::int64_t days_since_1970) {
  constexpr unsigned kDaysPerEra = 146097;                            // 400 years
  const auto days = static_cast<unsigned>(days_since_1970 + 719468);  // since 0000-03-01
  const unsigned era = days / kDaysPerEra;
  const unsigned day_of_era = days % kDaysPerEra;
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned march_month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * march_month + 2) / 5 + 1;
  const unsigned month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1U : 0U), month, day};
}

/// 00, 01, ... 99.
constexpr auto kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

void put_two(char* to, unsigned number) {
  std::memcpy(to, &kTwoDigits[std::size_t{2} * number], 2);
}

}  // namespace

void append_time(WallTime time, TimeFormat format, std::string& out) {
  const std::int64_t unix_ms =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  if (format == TimeFormat::kUnixMs) {
    std::array<char, 20> digits;
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), unix_ms);
    out.append(digits.data(), result.ptr);
    return;
  }
  constexpr std::int64_t kMsPerDay = 86'400'000;
  std::int64_t days = unix_ms / kMsPerDay;
  if (unix_ms % kMsPerDay < 0) --days;
  const auto ms = static_cast<unsigned>(unix_ms - days * kMsPerDay);
  const Date date = date_of(days);

  const unsigned seconds = ms / 1000;
  const unsigned minutes = seconds / 60;
  const bool iso = format == TimeFormat::kIso8601;
  const std::string_view form =
      iso ? R"("0000-00-00T00:00:00.000Z")" : R"("0000-00-00 00:00:00.000")";
  const std::size_t start = out.size();
  out.append(form);
  char* const text = out.data() + start;
  put_two(text + 1, date.year / 100);
  put_two(text + 3, date.year % 100);
  put_two(text + 6, date.month);
  put_two(text + 9, date.day);
  put_two(text + 12, minutes / 60);
  put_two(text + 15, minutes % 60);
  put_two(text + 18, seconds % 60);
  put_two(text + 21, ms % 1000 / 10);
  text[23] = static_cast<char>('0' + ms % 10);
}

}  // namespace plotbridge::encode
