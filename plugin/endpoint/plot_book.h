// All plots by number, and which streams feed them. Cost: a plot is found by the logarithm of their
// number, by its name, too; a line costs each trace of its stream. Not responsible for: the streams
// themselves (stream_table.h). One thread at a time.
#pragma once

#include "plugin/endpoint/figure.h"
#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/journal.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/window_budget.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace plotbridge::endpoint {

class PlotBook {
 public:
  /// `window_bytes` bounds the data of all plots together.
  /// `journal` outlives the book and is told which plots changed, but for their lines.
  PlotBook(std::size_t window_bytes, Journal& journal)
      : budget_(window_bytes), journal_(&journal) {}

  /// Of those that are there and came by REST, together with grids.
  static constexpr std::size_t kMostFiles = 10'000;
  /// `grids`, which have their numbers from here and their part in that limit, outlive the book's
  /// use.
  void share_limit_with(const GridBook& grids) { grids_ = &grids; }

  /// A new plot; without an `id` with the next number.
  Plot& add(PlotOrigin origin, std::string owner, std::string name, std::string_view layout,
            std::optional<PlotId> id = std::nullopt);
  /// A plot was changed past the book.
  void note(const Plot& plot) { journal_->note_file(plot.id()); }

  /// A number that no plot has.
  FileId take_id() { return ++last_id_; }
  /// From now on the number is not given to another.
  void keep_id(FileId id) { last_id_ = std::max(last_id_, id); }
  bool full() const { return of_rest_ + (grids_ == nullptr ? 0 : grids_->count()) >= kMostFiles; }

  /// Of names, owners, tokens, styles and layouts of all plots that came by REST, together with
  /// what a plot and a trace take without any.
  static constexpr std::size_t kMostFigureBytes = std::size_t{64} << 20;
  static constexpr std::size_t kPlotBytes = 1024;
  static constexpr std::size_t kTraceBytes = 512 + Trace::kReservedBytes;
  /// Of the name of a plot or grid, with its folders.
  static constexpr std::size_t kMaxNameBytes = 256;

  /// Why there is no room for the figure, in the place of `replaced` or behind the traces of
  /// `extended` (each may be null); empty: there is. Not for the streams of its tokens.
  std::string_view no_room(const Figure& figure, const Plot* replaced, const Plot* extended) const;

  /// A new trace of `plot`; a stream that is none feeds nothing.
  void add_trace(Plot& plot, std::string stream, std::optional<StreamId> stream_id,
                 std::size_t max_points, std::string_view style);

  /// Puts a figure's traces in place of the plot's. Streams that feed them feed no other plot from
  /// then on but those of the configuration; a plot that was there only for one of them is gone.
  void fill(Plot& plot, const Figure& figure, StreamTable& streams);
  /// Puts the rows of the figure's traces behind those of the plot's first traces.
  void extend(Plot& plot, const Figure& figure);
  /// Takes away one that came by REST. Its streams feed it no more, and whoever watches it is told.
  void remove(Plot& plot);
  /// Adds the figure's traces to the plot's.
  void append(Plot& plot, const Figure& figure, StreamTable& streams);

  bool shows(StreamId stream) const { return stream < places_.size() && !places_[stream].empty(); }
  /// How many traces of the plot it feeds.
  std::size_t traces_of(StreamId stream, const Plot& plot) const {
    if (stream >= places_.size()) return 0;
    const auto of_plot = [&plot](const Place& place) { return place.plot == &plot; };
    return static_cast<std::size_t>(std::ranges::count_if(places_[stream], of_plot));
  }
  /// Whether a plot shows it that somebody has made.
  bool is_shown_by_intent(StreamId stream) const {
    if (stream >= places_.size()) return false;
    return std::ranges::any_of(places_[stream], [](const Place& place) {
      return place.plot->origin() != PlotOrigin::kAutomatic;
    });
  }
  /// The stream, which no such plot shows, is no more, and its own plot goes with it.
  void forget(StreamId stream);
  /// Gives the stream a plot of its own unless one shows it already.
  void ensure_plot(StreamId stream, const std::string& name) {
    if (!shows(stream)) add_automatic(stream, name, std::nullopt);
  }
  /// A plot of its own for a stream that none shows; without an `id` with the next number.
  Plot& add_automatic(StreamId stream, const std::string& name, std::optional<PlotId> id);

  /// Applies a line to every trace of the stream. False when part of it did not fit and was left
  /// out.
  bool apply(StreamId stream, const LineUpdate& update) {
    return apply_if(stream, update, [](const Plot&) { return true; });
  }
  /// The same where `wanted` says so of the plot.
  template <class Wanted>
  bool apply_if(StreamId stream, const LineUpdate& update, Wanted wanted) {
    if (stream >= places_.size()) return true;
    bool fits = true;
    for (const Place& place : places_[stream]) {
      if (!wanted(*place.plot)) continue;
      fits = place.plot->apply(place.trace, update) && place.plot->apply_layout(update) && fits;
    }
    return fits;
  }
  /// The plots with traces of the stream.
  template <class Take>
  void each_of(StreamId stream, Take take) const {
    if (stream >= places_.size()) return;
    for (const Place& place : places_[stream]) take(*place.plot);
  }

  /// How much of the bytes for the data of all plots is used.
  std::size_t window_bytes() const { return budget_.used(); }
  /// How much of kMostFigureBytes the plots take that came by REST.
  std::size_t figure_bytes() const { return all_figure_bytes_; }
  /// A plot that came by REST is counted as it is now.
  void measure(const Plot& plot) { set_figure_bytes(plot, bytes_of(plot)); }

  /// Nothing when there is no such plot.
  Plot* find(PlotId id);
  /// One that came by REST; of several the first.
  Plot* find(std::string_view owner, std::string_view name);
  /// Of those with a higher number than `id`, in order, while `take` says so; whether it had all.
  template <class Take>
  bool each_after(PlotId id, Take take) const {
    return std::all_of(by_id_.upper_bound(id), by_id_.end(),
                       [&take](const auto& entry) { return take(*entry.second); });
  }
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

  static std::size_t bytes_of(const Plot& plot);
  void set_figure_bytes(const Plot& plot, std::size_t bytes);
  void bind(StreamId stream, const Plot& plot);
  void unbind_all(const Plot& plot);
  WindowBudget budget_;
  Journal* journal_;
  // Also those of streams that have another plot now.
  std::unordered_map<PlotId, std::shared_ptr<Plot>> plots_;
  const GridBook* grids_ = nullptr;
  std::map<PlotId, Plot*> by_id_;
  // Owner and name, which are the plot's, of those that came by REST.
  std::set<std::tuple<std::string_view, std::string_view, PlotId>> by_name_;
  FileId last_id_ = 0;
  std::size_t of_rest_ = 0;
  std::map<PlotId, std::size_t> figure_bytes_;
  std::size_t all_figure_bytes_ = 0;
  std::unordered_map<StreamId, Plot*> automatic_;
  std::vector<Places> places_;  // by stream
};

}  // namespace plotbridge::endpoint
