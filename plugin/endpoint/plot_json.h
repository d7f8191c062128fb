// What the page asks for, as JSON: the list of plots, one plot, the state of its traces. Tokens
// never appear. Leaves to others: HTTP. One thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/stream_table.h"

#include <string>

namespace plotbridge::endpoint {

/// `{"plots":[...]}`, each with the state of its traces.
std::string plots_json(const PlotBook& plots, StreamTable& streams, TimePoint now);

/// Name, layout and traces of one plot, without data.
std::string plot_json(const Plot& plot);

/// `{"traces":[...]}`: how the streams behind one plot are doing.
std::string plot_status_json(const Plot& plot, StreamTable& streams, TimePoint now);

}  // namespace plotbridge::endpoint
