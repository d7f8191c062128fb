// How a payload writes a time: what `time:` and `timestamp.unit` say. Leaves to others: reading it
// (shape). Pure value; any thread.
#pragma once

#include <cstdint>

namespace plotbridge {

enum class TimeUnit : std::uint8_t {
  kUnixS,    // seconds since 1970, perhaps with a fraction
  kUnixMs,   // milliseconds
  kUnixUs,   // microseconds
  kUnixNs,   // nanoseconds
  kIso8601,  // "2026-11-23T16:40:00.123+01:00"; without a zone UTC
};

}  // namespace plotbridge
