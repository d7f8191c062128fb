// Between numbers and the text of JSON numbers, whatever the locale. Leaves to others: whether a
// number that passes through unchanged needs this at all (it keeps its digits). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge {

/// The nearest double of a JSON number; nothing when `text` is none, or is past the range.
std::optional<double> number_value(std::string_view text);

// Each of these appends `null` for a NaN or an infinity, and never "-0".

/// The shortest text that reads back as the same number.
void append_shortest(double value, std::string& out);
void append_shortest(float value, std::string& out);
/// At most 15 significant digits: what arithmetic on measured decimals means (233.1, where the sum
/// of doubles is 233.10000000000002).
void append_rounded(double value, std::string& out);
/// At most `places` decimals, without zeros at the end.
void append_decimals(double value, int places, std::string& out);

void append_integer(std::int64_t value, std::string& out);
void append_unsigned(std::uint64_t value, std::string& out);

}  // namespace plotbridge
