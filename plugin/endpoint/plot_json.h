// What the page asks for, as JSON: the list of plots, one plot, the state of its traces. Tokens
// never appear. Cost: that of the answer, which is bounded. Not responsible for: HTTP. One thread
// at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/stream_table.h"

#include <cstddef>
#include <optional>
#include <string>

namespace plotbridge::endpoint {

/// After so many bytes the list of plots is cut behind a whole plot.
inline constexpr std::size_t kMaxPageBytes = std::size_t{1} << 20;

/// `{"plots":[...]}`, each with the state of its traces, those with a higher number than `after`;
/// and
/// `"next":NUMBER`, after which it goes on, when that are not all.
std::string plots_json(const PlotBook& plots, StreamTable& streams, TimePoint now,
                       PlotId after = 0);

/// Name, layout and traces of one plot, without data. Nothing when that is more than
/// Figure::kMaxAnswerBytes.
std::optional<std::string> plot_json(const Plot& plot);

/// `{"traces":[...]}`: how the streams behind one plot are doing.
std::string plot_status_json(const Plot& plot, StreamTable& streams, TimePoint now);

}  // namespace plotbridge::endpoint
