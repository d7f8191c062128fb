// The `when` and `deadband` blocks of a route: which points are not written. Leaves to others:
// filtering (shape). Pure; any thread.
#pragma once

#include "plugin/config/map_reader.h"
#include "plugin/config/payload_fields.h"
#include "plugin/model/filter_spec.h"
#include "plugin/model/point_spec.h"

#include <optional>

namespace plotbridge::config {

/// `payload`: nothing when that was wrong itself. Nothing comes back when what is wrong was told.
std::optional<WhenSpec> read_when(const MapReader& when,
                                  const std::optional<PayloadFields>& payload);
std::optional<DeadbandSpec> read_deadband(const MapReader& deadband, const PointSpec& point);

}  // namespace plotbridge::config
