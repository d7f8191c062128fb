// A plot or a grid as it is written down, one JSON object with everything it takes to have it again
// after a restart, tokens included. Leaves to others: when (journal.h), where (disk/plot_store).
// Pure; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/stream_table.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace plotbridge::endpoint {

struct SavedTrace {
  std::string stream;  // its name; empty: none ever fed it
  std::string token;   // empty: none feeds it now
  std::size_t max_points = 500;
  std::string columns_json = "{}";
  std::string style_json = "{}";
};

struct SavedPlot {
  PlotOrigin origin = PlotOrigin::kRest;
  std::string owner;
  std::string name;
  std::string configured;  // see Plot::configured
  bool world_readable = true;
  std::string layout_json = "{}";
  std::vector<SavedTrace> traces;
};

std::string record_of(const Plot& plot, const StreamTable& streams);
std::string record_of(const Grid& grid);

/// kInvalid with what is wrong. A grid has no number yet.
Result<std::variant<SavedPlot, Grid>> read_record(std::string_view record);

}  // namespace plotbridge::endpoint
