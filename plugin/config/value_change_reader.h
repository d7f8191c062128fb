// What a point says to do with a field's value: map, scale, offset, round, time. Leaves to others:
// doing it (shape). Pure; any thread.
#pragma once

#include "plugin/config/map_reader.h"
#include "plugin/model/point_spec.h"
#include "plugin/model/time_unit.h"

#include <string_view>

namespace plotbridge::config {

/// `value` is the map of one key of a point. What is wrong is told.
ValueChange read_value_change(const MapReader& value);

/// How a time is written, under `key`; true when it was set.
bool read_time_unit(const MapReader& map, std::string_view key, TimeUnit& unit);

}  // namespace plotbridge::config
