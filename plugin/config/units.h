// Quantities as people write them: "30s", "64MiB", "20/s". Leaves to others: which values make
// sense where. Errors say what is expected, never what was found. Pure; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::config {

/// A number and one of ms, s, m, h, d: "30s", "1.5h".
Result<Duration> parse_duration(std::string_view text);
/// A number and one of B, KiB, MiB, GiB (powers of 1024), kB, MB, GB (powers of 1000): "64MiB". In
/// bytes.
Result<std::size_t> parse_size(std::string_view text);
/// A number above 0 and one of /s, /m, /h: "20/s". In lines a second.
Result<double> parse_rate(std::string_view text);
/// Decimal digits, perhaps after a minus sign.
Result<std::int64_t> parse_integer(std::string_view text);

/// As parse_duration reads it, in the largest unit that needs no fraction.
std::string to_text(Duration duration);
/// As parse_size reads it, in the largest power of 1024 that needs no fraction.
std::string size_text(std::size_t bytes);

}  // namespace plotbridge::config
