// Where the points of one topic, or of one Sparkplug metric, go by one route, and what the route's
// deadband knows of them. Not responsible for: writing lines (point_writer). One thread at a time.
#pragma once

#include "plugin/shape/deadband.h"

#include <cstddef>
#include <string>
#include <vector>

namespace plotbridge::app {

class RoutePlan;

struct Series {
  RoutePlan* route = nullptr;
  std::vector<std::size_t> streams;
  std::vector<std::string> rendered;    // the plan's templates
  std::vector<std::string> no_streams;  // names that the templates gave and nobody configured
  shape::Deadband deadband;
};

}  // namespace plotbridge::app
