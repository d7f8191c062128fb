#include "plugin/config/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace plotbridge::config {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kDurations[] = {{"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
constexpr Unit kSizes[] = {{"B", 1},     {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824},
                           {"kB", 1000}, {"MB", 1e6},   {"GB", 1e9}};
constexpr Unit kRates[] = {{"/s", 1}, {"/m", 1.0 / 60}, {"/h", 1.0 / 3600}};
/// Doubles hold every integer up to here, and nanoseconds and bytes of this size fit everywhere.
constexpr double kMaxValue = 9e18;

/// The number at the front times the factor of the unit behind it.
template <std::size_t N>
std::optional<double> quantity(std::string_view text, const Unit (&units)[N]) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto* known = std::find_if(std::begin(units), std::end(units),
                                   [&](const Unit& u) { return u.name == unit; });
  if (known == std::end(units)) return std::nullopt;
  const double value = number * known->factor;
  return value <= kMaxValue ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto value = quantity(text, kDurations);
  if (!value) {
    return fail(ErrorKind::kInvalid,
                "expected a duration such as 30s (a number and one of ms, s, m, h, d)");
  }
  return Duration(std::llround(*value));
}

Result<std::size_t> parse_size(std::string_view text) {
  const auto value = quantity(text, kSizes);
  if (!value) {
    return fail(ErrorKind::kInvalid,
                "expected a size such as 64MiB (a number and one of B, KiB, MiB, GiB, kB, MB, GB)");
  }
  return static_cast<std::size_t>(std::llround(*value));
}

Result<double> parse_rate(std::string_view text) {
  const auto value = quantity(text, kRates);
  if (!value || !(*value > 0)) {
    return fail(ErrorKind::kInvalid,
                "expected a rate such as 20/s (a number above 0 and one of /s, /m, /h)");
  }
  return *value;
}

Result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorKind::kInvalid, "expected a whole number");
  }
  return value;
}

std::string to_text(Duration duration) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
  const std::int64_t ms = duration.count() / 1'000'000;
  if (ms == 0) return "0s";
  for (const auto& [name, factor] : kUnits) {
    if (ms % factor == 0) return std::to_string(ms / factor) + std::string(name);
  }
  return {};
}

std::string size_text(std::size_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  while (unit + 1 < std::size(kUnits) && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + std::string(kUnits[unit]);
}

}  // namespace plotbridge::config
