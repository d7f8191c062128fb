// What the page asks for, as JSON: the list of plots, one plot, the state of its traces. Tokens
// never appear. Cost: that of the answer, which is bounded. Not responsible for: HTTP. One thread
// at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/part_reader.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/stream_table.h"

#include <cstddef>
#include <memory>
#include <string>

namespace plotbridge::endpoint {

/// After so many bytes the list of plots is cut behind a whole plot.
inline constexpr std::size_t kMaxPageBytes = std::size_t{1} << 20;

/// `{"plots":[...]}`, each with the state of its traces, those with a higher number than `after`;
/// and `"next":NUMBER`, after which it goes on, when that are not all. The two outlive the reader.
std::shared_ptr<PartReader> read_plots(const PlotBook& plots, StreamTable& streams, PlotId after);

/// Name, layout and traces of one plot, without data. A piece is at most the style of a trace or
/// the layout. Lost when the plot was replaced or deleted meanwhile. Null when all that is more
/// than Figure::kMaxAnswerBytes.
std::shared_ptr<PartReader> read_plot(const Plot& plot);

/// `{"traces":[...]}`: how the streams behind one plot are doing.
std::string plot_status_json(const Plot& plot, StreamTable& streams, TimePoint now);

}  // namespace plotbridge::endpoint
