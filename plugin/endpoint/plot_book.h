// All plots by number, and which streams feed them. Leaves to others: the streams themselves
// (stream_table.h). One thread at a time.
#pragma once

#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/window_budget.h"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::endpoint {

class PlotBook {
 public:
  /// `window_bytes` bounds the data of all plots together.
  explicit PlotBook(std::size_t window_bytes) : budget_(window_bytes) {}

  /// A new plot behind the ones there are.
  Plot& add(std::string name, std::string_view layout);

  /// A new trace of `plot`; a stream that is none feeds nothing.
  void add_trace(Plot& plot, std::string stream, std::optional<StreamId> stream_id,
                 std::size_t max_points, std::string_view style);

  /// Gives the stream a plot of its own unless one shows it already.
  void ensure_plot(StreamId stream, const std::string& name);

  /// Applies a line to every trace of the stream. False when part of it did not fit and was left
  /// out.
  bool apply(StreamId stream, const LineUpdate& update);

  /// Nothing when there is no such plot.
  Plot* find(PlotId id);
  const std::deque<Plot>& plots() const { return plots_; }

 private:
  struct Place {
    Plot* plot;
    std::size_t trace;
  };

  WindowBudget budget_;
  std::deque<Plot> plots_;
  std::vector<std::vector<Place>> places_;  // by stream
};

}  // namespace plotbridge::endpoint
