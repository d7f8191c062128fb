// The wire contract of a Plotly stream in constants; docs/protocol.md explains them. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace plotbridge::protocol {

inline constexpr std::string_view kTokenHeader = "plotly-streamtoken";
/// A chunk that holds this alone keeps the stream alive.
inline constexpr std::string_view kHeartbeat = "\n";
/// An endpoint ends a stream that was silent for this long.
inline constexpr std::chrono::seconds kIdleTimeout{60};
/// An endpoint ends a stream whose line has no newline within this many bytes.
inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
/// Chart Studio draws no faster and loses what comes faster.
inline constexpr double kChartStudioLinesPerSecond = 20;

}  // namespace plotbridge::protocol
