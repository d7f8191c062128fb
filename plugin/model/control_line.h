// The line by which who numbers his lines says which one comes next: `{"stream":{"seq":5}}`, or
// `{"stream":{"seq":5,"void":true}}` where those passed over will never come. It has one form, byte
// for byte; whatever else a line says is data. Not responsible for: what follows from it
// (endpoint/upload). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge {

struct ControlLine {
  std::uint64_t seq = 0;  // the offset of the line that follows; below 2^63
  bool voids = false;     // the offsets from the one expected so far up to it will never come

  bool operator==(const ControlLine&) const = default;
};

/// `line` without its newline. Nothing: it is a line as any other.
std::optional<ControlLine> read_control_line(std::string_view line);

/// Without a newline.
std::string to_text(const ControlLine& line);

}  // namespace plotbridge
