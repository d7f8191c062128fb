#include "plugin/endpoint/plot_book.h"

#include "plugin/endpoint/json_leaves.h"

#include <utility>

namespace plotbridge::endpoint {
namespace {

// At least what the plot takes that is made of it; the name and the stream's are the largest ones.
std::size_t bytes_of(const Figure& figure) {
  std::size_t bytes = PlotBook::kPlotBytes + 2 * PlotBook::kMaxNameBytes + figure.layout_bytes;
  for (const FigureTrace& trace : figure.traces) {
    bytes += PlotBook::kTraceBytes + trace.style_bytes + 2 * trace.token.size();
  }
  return bytes;
}

}  // namespace

std::size_t PlotBook::bytes_of(const Plot& plot) {
  std::size_t bytes = kPlotBytes + plot.owner().size() + plot.name().size() + plot.layout().bytes();
  for (const Plot::Member& member : plot.members()) {
    bytes += kTraceBytes + member.stream.size() + member.trace.style().bytes();
  }
  return bytes;
}

Plot& PlotBook::add(PlotOrigin origin, std::string owner, std::string name, std::string_view layout,
                    std::optional<PlotId> id) {
  if (origin == PlotOrigin::kRest) ++of_rest_;
  const PlotId number = id ? *id : take_id();
  const auto made =
      std::make_shared<Plot>(number, origin, std::move(owner), std::move(name), layout, budget_);
  Plot& plot = *plots_.emplace(number, made).first->second;
  by_id_.emplace(number, &plot);
  if (origin == PlotOrigin::kRest) by_name_.emplace(plot.owner(), plot.name(), number);
  note(plot);
  return plot;
}

void PlotBook::add_trace(Plot& plot, std::string stream, std::optional<StreamId> stream_id,
                         std::size_t max_points, std::string_view style) {
  const std::size_t trace = plot.add_trace(std::move(stream), stream_id, max_points, style);
  if (!stream_id) return;
  if (places_.size() <= *stream_id) places_.resize(*stream_id + std::size_t{1});
  places_[*stream_id].push_back({&plot, trace});
}

Plot& PlotBook::add_automatic(StreamId stream, const std::string& name, std::optional<PlotId> id) {
  if (const auto known = automatic_.find(stream); known != automatic_.end()) {
    // It was gone while another plot had the stream.
    Plot& plot = *known->second;
    by_id_.emplace(plot.id(), &plot);
    plot.bind(0, stream);
    places_[stream].push_back({&plot, 0});
    note(plot);
    return plot;
  }
  std::string style = R"({"type":"scatter","mode":"lines","name":)";
  append_json_string(name, style);
  style += '}';
  Plot& plot = add(PlotOrigin::kAutomatic, {}, name, "{}", id);
  add_trace(plot, name, stream, FigureTrace::kDefaultMaxPoints, style);
  automatic_.emplace(stream, &plot);
  return plot;
}

void PlotBook::forget(StreamId stream) {
  if (const auto own = automatic_.find(stream); own != automatic_.end()) {
    Plot& plot = *own->second;
    automatic_.erase(own);
    plot.end();
    note(plot);
    by_id_.erase(plot.id());
    plots_.erase(plot.id());
  }
  if (stream < places_.size()) places_[stream].clear();
}

void PlotBook::fill(Plot& plot, const Figure& figure, StreamTable& streams) {
  unbind_all(plot);
  plot.reset(figure.layout_json);
  append(plot, figure, streams);
}

void PlotBook::append(Plot& plot, const Figure& figure, StreamTable& streams) {
  note(plot);
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
  measure(plot);
}

void PlotBook::extend(Plot& plot, const Figure& figure) {
  for (std::size_t i = 0; i < figure.traces.size() && i < plot.members().size(); ++i) {
    plot.trace(i).extend(figure.traces[i].columns);
  }
  note(plot);
}

void PlotBook::remove(Plot& plot) {
  unbind_all(plot);
  set_figure_bytes(plot, 0);
  figure_bytes_.erase(plot.id());
  plot.end();
  note(plot);
  --of_rest_;
  by_name_.erase({plot.owner(), plot.name(), plot.id()});
  by_id_.erase(plot.id());
  plots_.erase(plot.id());
}

std::string_view PlotBook::no_room(const Figure& figure, const Plot* replaced,
                                   const Plot* extended) const {
  if (replaced == nullptr && extended == nullptr && full())
    return "there are 10,000 plots and grids that came by REST, and no more may be: delete some";
  if (extended != nullptr &&
      extended->members().size() + figure.traces.size() > Figure::kMaxTraces) {
    return "a plot has at most 1000 traces";
  }
  const auto old = replaced == nullptr ? figure_bytes_.end() : figure_bytes_.find(replaced->id());
  const std::size_t freed = old == figure_bytes_.end() ? 0 : old->second;
  if (all_figure_bytes_ - freed + endpoint::bytes_of(figure) > kMostFigureBytes) {
    return "there is no room for more plots: those that came by REST have 64 MiB of names, styles "
           "and "
           "layouts; delete some of them";
  }
  return {};
}

void PlotBook::set_figure_bytes(const Plot& plot, std::size_t bytes) {
  std::size_t& known = figure_bytes_[plot.id()];
  all_figure_bytes_ = all_figure_bytes_ - known + bytes;
  known = bytes;
}

void PlotBook::bind(StreamId stream, const Plot& plot) {
  if (stream >= places_.size()) return;
  std::erase_if(places_[stream], [&](const Place& place) {
    if (place.plot == &plot || place.plot->origin() == PlotOrigin::kConfig) return false;
    place.plot->release(place.trace);
    note(*place.plot);
    if (place.plot->origin() == PlotOrigin::kAutomatic) by_id_.erase(place.plot->id());
    return true;
  });
}

void PlotBook::unbind_all(const Plot& plot) {
  for (const Plot::Member& member : plot.members()) {
    if (!member.stream_id) continue;
    std::erase_if(places_[*member.stream_id],
                  [&](const Place& place) { return place.plot == &plot; });
  }
}

Plot* PlotBook::find(PlotId id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

Plot* PlotBook::find(std::string_view owner, std::string_view name) {
  const auto found = by_name_.lower_bound({owner, name, 0});
  if (found == by_name_.end() || std::get<0>(*found) != owner || std::get<1>(*found) != name) {
    return nullptr;
  }
  return find(std::get<PlotId>(*found));
}

}  // namespace plotbridge::endpoint
