// The `point` block of a route: the keys of a line and where their values come from. Leaves to
// others: making lines (shape, encode). Pure; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"
#include "plugin/config/payload_fields.h"

#include <optional>
#include <string>
#include <vector>

namespace plotbridge::config {

/// What a route offers to its point; nothing: not known, because that was wrong itself and is told.
struct PointScope {
  std::optional<PayloadFields> payload;
  std::optional<std::vector<std::string>> captures;
};

PointSpec read_point(const MapReader& point, const PointScope& scope);

/// `x: $received, y: $value`; of Sparkplug `x: $timestamp, y: $value`
PointSpec default_point(DecodeType type);

/// Tells names in `text` that `captures` does not hold.
void check_captures(const CaptureTemplate& text,
                    const std::optional<std::vector<std::string>>& captures, Mark mark,
                    const std::string& path, Mistakes& mistakes);

}  // namespace plotbridge::config
