#include "plugin/endpoint/plot_book.h"

#include "plugin/endpoint/json_leaves.h"

#include <utility>

namespace plotbridge::endpoint {
namespace {

constexpr std::size_t kDefaultMaxPoints = 500;

}  // namespace

Plot& PlotBook::add(std::string name, std::string_view layout) {
  return plots_.emplace_back(static_cast<PlotId>(plots_.size() + 1), std::move(name), layout,
                             budget_);
}

void PlotBook::add_trace(Plot& plot, std::string stream, std::optional<StreamId> stream_id,
                         std::size_t max_points, std::string_view style) {
  const std::size_t trace = plot.add_trace(std::move(stream), stream_id, max_points, style);
  if (!stream_id) return;
  if (places_.size() <= *stream_id) places_.resize(*stream_id + std::size_t{1});
  places_[*stream_id].push_back({&plot, trace});
}

void PlotBook::ensure_plot(StreamId stream, const std::string& name) {
  if (stream < places_.size() && !places_[stream].empty()) return;
  std::string style = R"({"type":"scatter","mode":"lines","name":)";
  append_json_string(name, style);
  style += '}';
  add_trace(add(name, "{}"), name, stream, kDefaultMaxPoints, style);
}

bool PlotBook::apply(StreamId stream, const LineUpdate& update) {
  if (stream >= places_.size()) return true;
  bool fits = true;
  for (const Place& place : places_[stream]) {
    fits = place.plot->apply(place.trace, update) && place.plot->apply_layout(update) && fits;
  }
  return fits;
}

Plot* PlotBook::find(PlotId id) {
  return id >= 1 && id <= plots_.size() ? &plots_[id - 1] : nullptr;
}

}  // namespace plotbridge::endpoint
