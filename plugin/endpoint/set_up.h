// What an endpoint begins with: the streams and plots of the configuration, and on top what an
// earlier run had saved. Plots keep their numbers; a plot of the configuration keeps its data, and
// what lines made of its style and layout as long as the configuration says the same of it. Leaves
// to others: reading the saved state. One thread at a time.
#pragma once

#include "plugin/endpoint/endpoint_options.h"
#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/stream_table.h"

namespace plotbridge::endpoint {

/// Fills what is empty. What of the saved state cannot be used is left out, with a log line.
void set_up(const Options& options, StreamTable& streams, PlotBook& plots, GridBook& grids);

}  // namespace plotbridge::endpoint
