// One decoded value on its way from a payload to a line. It borrows: the text lives in the payload,
// in the decoder or in the route's plan, and is valid until the next message. Any thread.
#pragma once

#include "plugin/base/time.h"

#include <cstdint>
#include <string_view>

namespace plotbridge {

struct Value {
  enum class Kind : std::uint8_t {
    kMissing,  // the field is not in the payload
    kNull,
    kNumber,  // text: a JSON number, to be written digit for digit
    kText,    // text: bytes to be written as a JSON string; may hold anything
    kJson,    // text: valid JSON (object, array, string, true, false), to be written compact
    kTime,    // time: to be written in the stream's time format
  };

  Kind kind = Kind::kMissing;
  std::string_view text = {};
  WallTime time = {};

  static Value missing() { return {}; }
  static Value null() { return {Kind::kNull, {}, {}}; }
  static Value number(std::string_view text) { return {Kind::kNumber, text, {}}; }
  static Value of_text(std::string_view text) { return {Kind::kText, text, {}}; }
  static Value json(std::string_view text) { return {Kind::kJson, text, {}}; }
  static Value of_time(WallTime time) { return {Kind::kTime, {}, time}; }
};

/// How a stream writes times.
enum class TimeFormat : std::uint8_t {
  kPlotly,   // "2026-11-23 16:40:00.123", UTC
  kIso8601,  // "2026-11-23T16:40:00.123Z"
  kUnixMs,   // 1795452000123, a number
};

}  // namespace plotbridge
