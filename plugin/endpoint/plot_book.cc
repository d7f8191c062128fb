#include "plugin/endpoint/plot_book.h"

#include "plugin/endpoint/json_leaves.h"

#include <utility>

namespace plotbridge::endpoint {

Plot& PlotBook::add(PlotOrigin origin, std::string owner, std::string name,
                    std::string_view layout) {
  if (origin != PlotOrigin::kRest) ++of_config_and_streams_;
  Plot& plot =
      plots_.emplace_back(take_id(), origin, std::move(owner), std::move(name), layout, budget_);
  by_id_.emplace(plot.id(), &plot);
  return plot;
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
  add_trace(add(PlotOrigin::kAutomatic, {}, name, "{}"), name, stream,
            FigureTrace::kDefaultMaxPoints, style);
}

bool PlotBook::apply(StreamId stream, const LineUpdate& update) {
  if (stream >= places_.size()) return true;
  bool fits = true;
  for (const Place& place : places_[stream]) {
    fits = place.plot->apply(place.trace, update) && place.plot->apply_layout(update) && fits;
  }
  return fits;
}

void PlotBook::fill(Plot& plot, const Figure& figure, StreamTable& streams) {
  unbind_all(plot);
  plot.reset(figure.layout_json);
  append(plot, figure, streams);
}

void PlotBook::append(Plot& plot, const Figure& figure, StreamTable& streams) {
  for (const FigureTrace& trace : figure.traces) {
    std::optional<StreamId> stream;
    if (!trace.token.empty()) stream = streams.add("", trace.token);
    if (stream) bind(*stream, plot);
    const std::string name = stream ? streams[*stream].name : std::string();
    add_trace(plot, name, stream, trace.max_points, trace.style_json);
    LineUpdate data;
    for (const auto& [path, json] : trace.columns) data.columns.push_back({path, json});
    plot.trace(plot.members().size() - 1).apply(data);
  }
}

void PlotBook::extend(Plot& plot, const Figure& figure) {
  for (std::size_t i = 0; i < figure.traces.size() && i < plot.members().size(); ++i) {
    std::vector<LineUpdate> rows;
    for (const auto& column : figure.traces[i].columns) {
      std::size_t row = 0;
      for_each_element(column.second, [&](std::string_view element) {
        if (row == rows.size()) rows.emplace_back();
        rows[row++].point.push_back({column.first, element});
      });
    }
    for (const LineUpdate& row : rows) plot.trace(i).apply(row);
  }
}

void PlotBook::bind(StreamId stream, const Plot& plot) {
  if (stream >= places_.size()) return;
  std::erase_if(places_[stream], [&](const Place& place) {
    if (place.plot == &plot || place.plot->origin() == PlotOrigin::kConfig) return false;
    place.plot->release(place.trace);
    if (place.plot->origin() == PlotOrigin::kAutomatic) by_id_.erase(place.plot->id());
    return true;
  });
}

void PlotBook::unbind_all(const Plot& plot) {
  for (Places& places : places_) {
    std::erase_if(places, [&](const Place& place) { return place.plot == &plot; });
  }
}

Plot* PlotBook::find(PlotId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Plot* PlotBook::find(std::string_view owner, std::string_view name) {
  for (const auto& [id, plot] : by_id_) {
    const bool rest = plot->origin() == PlotOrigin::kRest;
    if (rest && plot->owner() == owner && plot->name() == name) return plot;
  }
  return nullptr;
}

}  // namespace plotbridge::endpoint
