#include "plugin/decode/proto_scalar.h"

#include "plugin/base/number_text.h"
#include "plugin/decode/json_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace plotbridge::decode {
namespace {

std::int32_t low(std::uint64_t bits) { return static_cast<std::int32_t>(bits); }

std::int64_t zigzag(std::uint64_t bits) {
  return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
}

float float_of(std::uint64_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
}

/// Numbers as JSON; of an enum its number.
void append_number(ProtoKind kind, std::uint64_t bits, std::string& out) {
  switch (kind) {
    case ProtoKind::kDouble:
      return append_shortest(std::bit_cast<double>(bits), out);
    case ProtoKind::kFloat:
      return append_shortest(float_of(bits), out);
    case ProtoKind::kInt64:
    case ProtoKind::kSfixed64:
      return append_integer(static_cast<std::int64_t>(bits), out);
    case ProtoKind::kUint64:
    case ProtoKind::kFixed64:
      return append_unsigned(bits, out);
    case ProtoKind::kInt32:
    case ProtoKind::kSfixed32:
    case ProtoKind::kEnum:
      return append_integer(low(bits), out);
    case ProtoKind::kUint32:
    case ProtoKind::kFixed32:
      return append_unsigned(static_cast<std::uint32_t>(bits), out);
    case ProtoKind::kSint32:
      return append_integer(low(static_cast<std::uint64_t>(zigzag(bits & 0xFFFFFFFFU))), out);
    case ProtoKind::kSint64:
      return append_integer(zigzag(bits), out);
    case ProtoKind::kBool:
    case ProtoKind::kString:
    case ProtoKind::kBytes:
    case ProtoKind::kGroup:
    case ProtoKind::kMessage:
      break;
  }
}

std::string_view enum_name(const ProtoField& field, std::uint64_t bits) {
  return field.kind == ProtoKind::kEnum ? field.enumeration->name_of(low(bits))
                                        : std::string_view();
}

bool is_finite(ProtoKind kind, std::uint64_t bits) {
  if (kind == ProtoKind::kDouble) return std::isfinite(std::bit_cast<double>(bits));
  return kind != ProtoKind::kFloat || std::isfinite(float_of(bits));
}

/// 0, 3, 6 or 9 decimals after a point, as protobuf's JSON writes them.
void append_fraction(std::int32_t nanos, std::string& out) {
  if (nanos == 0) return;
  std::array<char, 16> digits;
  std::snprintf(digits.data(), digits.size(), ".%09d", nanos);
  std::string_view text(digits.data(), 10);
  if (nanos % 1'000'000 == 0) {
    text = text.substr(0, 4);
  } else if (nanos % 1000 == 0) {
    text = text.substr(0, 7);
  }
  out += text;
}

}  // namespace

bool append_scalar(const ProtoField& field, const WireValue& value, std::string& out,
                   std::size_t room) {
  if (field.kind == ProtoKind::kString) return append_quoted(value.bytes, out, room);
  if (field.kind == ProtoKind::kBytes) {
    const std::size_t start = out.size();
    out += '"';
    if (!append_base64(value.bytes, out, room - std::min<std::size_t>(room, 2))) {
      out.resize(start);
      return false;
    }
    out += '"';
  } else if (field.kind == ProtoKind::kBool) {
    out += value.bits != 0 ? "true" : "false";
  } else if (const auto name = enum_name(field, value.bits); !name.empty()) {
    append_quoted(name, out);
  } else {
    append_number(field.kind, value.bits, out);
  }
  return true;
}

Value scalar_value(const ProtoField& field, const WireValue& value, std::string& text) {
  if (field.kind == ProtoKind::kString) return Value::of_text(value.bytes);
  if (field.kind == ProtoKind::kBool) return Value::json(value.bits != 0 ? "true" : "false");
  if (const auto name = enum_name(field, value.bits); !name.empty()) return Value::of_text(name);
  if (!is_finite(field.kind, value.bits)) return Value::null();
  text.clear();
  if (field.kind == ProtoKind::kBytes) {
    append_base64(value.bytes, text);
    return Value::of_text(text);
  }
  append_number(field.kind, value.bits, text);
  return Value::number(text);
}

Value default_value(const ProtoField& field) {
  const std::string_view json = field.default_json;
  // Texts with escapes stay JSON, which writes them all the same.
  const bool plain =
      json.size() >= 2 && json.front() == '"' && json.find('\\') == std::string_view::npos;
  if (plain) return Value::of_text(json.substr(1, json.size() - 2));
  if (json == "null") return Value::null();
  const bool text = json.starts_with('"') || json == "true" || json == "false";
  return text ? Value::json(json) : Value::number(json);
}

std::optional<WallTime> wall_time_of(const ProtoTime& time) {
  constexpr std::int64_t kMostSeconds = 9'200'000'000;  // a little less than 64 bits of nanoseconds
  if (time.seconds < -kMostSeconds || time.seconds > kMostSeconds) return std::nullopt;
  return WallTime(std::chrono::seconds(time.seconds) + std::chrono::nanoseconds(time.nanos));
}

bool append_timestamp(const ProtoTime& time, std::string& out) {
  constexpr std::int64_t kFirst = -62'135'596'800;  // 0001-01-01
  constexpr std::int64_t kLast = 253'402'300'799;   // 9999-12-31T23:59:59
  if (time.seconds < kFirst || time.seconds > kLast) return false;
  if (time.nanos < 0 || time.nanos >= 1'000'000'000) return false;
  using namespace std::chrono;
  const sys_seconds moment{seconds(time.seconds)};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{moment - day};
  std::array<char, 40> text;
  const int size = std::snprintf(
      text.data(), text.size(), "\"%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  out.append(text.data(), static_cast<std::size_t>(size));
  append_fraction(time.nanos, out);
  out += "Z\"";
  return true;
}

bool append_duration(const ProtoTime& time, std::string& out) {
  constexpr std::int64_t kMost = 315'576'000'000;
  if (time.seconds < -kMost || time.seconds > kMost) return false;
  if (time.nanos <= -1'000'000'000 || time.nanos >= 1'000'000'000) return false;
  const bool negative = time.seconds < 0 || time.nanos < 0;
  if (negative && (time.seconds > 0 || time.nanos > 0)) return false;
  out += negative ? "\"-" : "\"";
  append_integer(negative ? -time.seconds : time.seconds, out);
  append_fraction(negative ? -time.nanos : time.nanos, out);
  out += "s\"";
  return true;
}

}  // namespace plotbridge::decode
