#include "plugin/base/number_text.h"

#include "plugin/base/json_scan.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace plotbridge {
namespace {

// Past these a number is written with an exponent, as everybody does, rather than with 300 zeros.
constexpr double kLeastPlain = 1e-5;
constexpr double kMostPlain = 1e21;
constexpr int kSafeDigits = 15;

template <class Number>
void append_number(Number value, std::string& out) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

/// Whether it was written: what JSON has no number for is null, and a zero has no sign.
bool append_special(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out.append("null");
  } else if (value == 0) {
    out.push_back('0');
  } else {
    return false;
  }
  return true;
}

template <class Float>
void append_shortest_of(Float value, std::string& out) {
  if (append_special(static_cast<double>(value), out)) return;
  const auto size = std::abs(static_cast<double>(value));
  const bool plain = size >= kLeastPlain && size < kMostPlain;
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  out.append(text.data(), end);
}

}  // namespace

std::optional<double> number_value(std::string_view text) {
  if (!is_json_number(text)) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc()) return value;
  // Too small for a double is zero; too large is nothing that could be counted with.
  const bool small = text.find("e-") != std::string_view::npos ||
                     text.find("E-") != std::string_view::npos || text.starts_with("0.") ||
                     text.starts_with("-0.");
  if (!small) return std::nullopt;
  return 0.0;
}

void append_shortest(double value, std::string& out) { append_shortest_of(value, out); }
void append_shortest(float value, std::string& out) { append_shortest_of(value, out); }

void append_rounded(double value, std::string& out) {
  if (!std::isfinite(value)) return static_cast<void>(append_special(value, out));
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::scientific, kSafeDigits - 1)
                       .ptr;
  double rounded = value;
  std::from_chars(text.data(), end, rounded);
  append_shortest(rounded, out);
}

void append_decimals(double value, int places, std::string& out) {
  if (append_special(value, out)) return;
  if (std::abs(value) >= kMostPlain) return append_shortest(value, out);
  std::array<char, 64> text;
  char* end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, places)
          .ptr;
  if (places > 0) {
    while (end[-1] == '0') --end;
    if (end[-1] == '.') --end;
  }
  const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
  out.append(written == "-0" ? "0" : written);
}

void append_integer(std::int64_t value, std::string& out) { append_number(value, out); }
void append_unsigned(std::uint64_t value, std::string& out) { append_number(value, out); }

}  // namespace plotbridge
