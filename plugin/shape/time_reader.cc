#include "plugin/shape/time_reader.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/number_text.h"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace plotbridge::shape {
namespace {

using namespace std::chrono;

constexpr WallTime kFirst{sys_days{year{1678} / January / 1}.time_since_epoch()};
constexpr WallTime kLast{sys_days{year{2262} / January / 1}.time_since_epoch()};

std::optional<WallTime> within_years(WallTime time) {
  return time >= kFirst && time < kLast ? std::optional(time) : std::nullopt;
}

/// Decimals between a unit and a nanosecond.
int decimals_of(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kUnixS:
      return 9;
    case TimeUnit::kUnixMs:
      return 6;
    case TimeUnit::kUnixUs:
      return 3;
    case TimeUnit::kUnixNs:
    case TimeUnit::kIso8601:
      break;
  }
  return 0;
}

/// Digits, sign and fraction without an exponent: exact, where a double would be off by 100 ns.
std::optional<WallTime> read_plain(std::string_view text, int decimals) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t count = 0;
  int left = -1;  // decimals to come, once the point was seen
  for (const char c : text) {
    if (c == '.') {
      left = decimals;
      continue;
    }
    if (left == 0) break;  // finer than a nanosecond
    if (left > 0) --left;
    if (__builtin_mul_overflow(count, 10, &count)) return std::nullopt;
    if (__builtin_add_overflow(count, c - '0', &count)) return std::nullopt;
  }
  for (int i = left < 0 ? decimals : left; i > 0; --i) {
    if (__builtin_mul_overflow(count, 10, &count)) return std::nullopt;
  }
  return within_years(WallTime(nanoseconds(negative ? -count : count)));
}

std::optional<WallTime> read_unix(std::string_view text, TimeUnit unit) {
  constexpr std::size_t kLongest = 400;  // each key of a point would look at all of it
  if (text.size() > kLongest || !is_json_number(text)) return std::nullopt;
  const int decimals = decimals_of(unit);
  if (text.find_first_of("eE") == std::string_view::npos) return read_plain(text, decimals);
  const auto value = number_value(text);
  if (!value) return std::nullopt;
  const double count = *value * std::pow(10.0, decimals);
  if (std::abs(count) > 9.2e18) return std::nullopt;
  return within_years(WallTime(nanoseconds(static_cast<std::int64_t>(count))));
}

/// Reads a text from its front; every method answers whether what was asked for stood there.
class Front {
 public:
  explicit Front(std::string_view text) : rest_(text) {}

  bool digits(std::size_t count, int& out) {
    if (rest_.size() < count) return false;
    const char* end = rest_.data() + count;
    unsigned value = 0;
    for (const char* at = rest_.data(); at != end; ++at) {
      if (*at < '0' || *at > '9') return false;
      value = value * 10 + static_cast<unsigned>(*at - '0');
    }
    out = static_cast<int>(value);
    rest_.remove_prefix(count);
    return true;
  }
  bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// At least one digit; what is finer than a nanosecond is cut off.
  bool fraction(nanoseconds& out) {
    std::size_t seen = 0;
    std::int64_t count = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++seen) {
      if (seen < 9) count = count * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    for (std::size_t i = seen; i < 9; ++i) count *= 10;
    out = nanoseconds(count);
    return seen > 0;
  }
  char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_time_of_day(Front& front, nanoseconds& out) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  nanoseconds fraction{0};
  if (!front.digits(2, hour) || !front.one_of(":") || !front.digits(2, minute)) return false;
  if (front.one_of(":")) {
    if (!front.digits(2, second)) return false;
    if (front.one_of(".,") && !front.fraction(fraction)) return false;
  }
  // 60 is a leap second, which no clock here counts: it is the next minute's first.
  if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && minute + second > 0)) return false;
  out = hours(hour) + minutes(minute) + seconds(second) + fraction;
  return true;
}

bool read_zone(Front& front, minutes& east) {
  if (front.one_of("Zz")) return true;
  const bool west = front.next() == '-';
  if (!front.one_of("+-")) return true;  // none
  int hour = 0;
  int minute = 0;
  if (!front.digits(2, hour)) return false;
  if (!front.done()) {
    front.one_of(":");
    if (!front.digits(2, minute)) return false;
  }
  if (hour > 23 || minute > 59) return false;
  east = hours(hour) + minutes(minute);
  if (west) east = -east;
  return true;
}

std::optional<WallTime> read_iso8601(std::string_view text) {
  Front front(text);
  int y = 0;
  int m = 0;
  int d = 0;
  if (!front.digits(4, y) || !front.one_of("-") || !front.digits(2, m) || !front.one_of("-") ||
      !front.digits(2, d)) {
    return std::nullopt;
  }
  const year_month_day date =
      year{y} / month(static_cast<unsigned>(m)) / day(static_cast<unsigned>(d));
  // Before it is counted in nanoseconds, which would overflow.
  if (!date.ok() || y < 1678 || y > 2261) return std::nullopt;
  nanoseconds time_of_day{0};
  minutes east{0};
  if (front.one_of("Tt ")) {
    if (!read_time_of_day(front, time_of_day) || !read_zone(front, east)) return std::nullopt;
  }
  if (!front.done()) return std::nullopt;
  return within_years(WallTime(sys_days{date}.time_since_epoch() + time_of_day - east));
}

}  // namespace

std::optional<WallTime> read_time(std::string_view text, TimeUnit unit) {
  return unit == TimeUnit::kIso8601 ? read_iso8601(text) : read_unix(text, unit);
}

std::string_view expected_time(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kUnixS:
      return "seconds since 1970";
    case TimeUnit::kUnixMs:
      return "milliseconds since 1970";
    case TimeUnit::kUnixUs:
      return "microseconds since 1970";
    case TimeUnit::kUnixNs:
      return "nanoseconds since 1970";
    case TimeUnit::kIso8601:
      break;
  }
  return "a time such as 2026-11-23T16:40:00.123Z";
}

}  // namespace plotbridge::shape
