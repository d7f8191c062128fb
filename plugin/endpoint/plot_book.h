// All plots by number, and which streams feed them. Leaves to others: the streams themselves
// (stream_table.h). One thread at a time.
#pragma once

#include "plugin/endpoint/figure.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/window_budget.h"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plotbridge::endpoint {

class PlotBook {
 public:
  /// `window_bytes` bounds the data of all plots together.
  explicit PlotBook(std::size_t window_bytes) : budget_(window_bytes) {}

  /// Of those that came by REST; together with grids, which have their numbers from here.
  static constexpr std::size_t kMostFiles = 10'000;

  /// A new plot behind the ones there are.
  Plot& add(PlotOrigin origin, std::string owner, std::string name, std::string_view layout);

  /// A number that no plot has.
  FileId take_id() { return ++last_id_; }
  bool full() const { return last_id_ >= kMostFiles + of_config_and_streams_; }

  /// Of the styles and layouts of all plots that came by REST.
  static constexpr std::size_t kMostFigureBytes = std::size_t{64} << 20;

  /// Why there is no room for the figure, in the place of `replaced` or behind the traces of
  /// `extended` (each may be null); empty: there is.
  std::string_view no_room(const Figure& figure, const Plot* replaced, const Plot* extended) const;

  /// A new trace of `plot`; a stream that is none feeds nothing.
  void add_trace(Plot& plot, std::string stream, std::optional<StreamId> stream_id,
                 std::size_t max_points, std::string_view style);

  /// Puts a figure's traces in place of the plot's. Streams that feed them feed no other plot from
  /// then on but those of the configuration; a plot that was there only for one of them is gone.
  void fill(Plot& plot, const Figure& figure, StreamTable& streams);
  /// Puts the rows of the figure's traces behind those of the plot's first traces.
  void extend(Plot& plot, const Figure& figure);
  /// Adds the figure's traces to the plot's.
  void append(Plot& plot, const Figure& figure, StreamTable& streams);

  bool shows(StreamId stream) const { return stream < places_.size() && !places_[stream].empty(); }
  /// Gives the stream a plot of its own unless one shows it already.
  void ensure_plot(StreamId stream, const std::string& name);

  /// Applies a line to every trace of the stream. False when part of it did not fit and was left
  /// out.
  bool apply(StreamId stream, const LineUpdate& update);

  /// Nothing when there is no such plot.
  Plot* find(PlotId id);
  /// One that came by REST.
  Plot* find(std::string_view owner, std::string_view name);
  /// Of the plots that are there, in order.
  template <class Take>
  void each(Take take) const {
    for (const auto& [id, plot] : by_id_) take(*plot);
  }

 private:
  struct Place {
    Plot* plot;
    std::size_t trace;
  };
  using Places = std::vector<Place>;

  void bind(StreamId stream, const Plot& plot);
  void unbind_all(const Plot& plot);
  void set_figure_bytes(const Plot& plot, std::size_t bytes);

  WindowBudget budget_;
  std::deque<Plot> plots_;  // also those that are gone: somebody may be looking at one
  std::map<PlotId, Plot*> by_id_;
  FileId last_id_ = 0;
  std::size_t of_config_and_streams_ = 0;
  std::map<PlotId, std::size_t> figure_bytes_;
  std::size_t all_figure_bytes_ = 0;
  std::unordered_map<StreamId, Plot*> automatic_;
  std::vector<Places> places_;  // by stream
};

}  // namespace plotbridge::endpoint
