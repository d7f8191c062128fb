#include "plugin/endpoint/endpoint.h"

#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/plot_json.h"

#include <utility>

namespace plotbridge::endpoint {
namespace {

// Longer ones are nobody's token: the ones of Chart Studio have ten characters.
constexpr std::size_t kMaxTokenBytes = 256;
// A last value beyond this is no number to show beside a trace.
constexpr std::size_t kMaxLastBytes = 256;

std::string_view last_y(const LineUpdate& update) {
  for (const auto& entry : update.point) {
    if (entry.path == "y") return entry.json;
  }
  std::string_view last;
  for (const auto& entry : update.columns) {
    if (entry.path != "y") continue;
    for_each_element(entry.json, [&last](std::string_view json) { last = json; });
  }
  return last;
}

}  // namespace

Endpoint::Endpoint(Options options)
    : open_(options.open),
      idle_timeout_(options.idle_timeout),
      local_time_(std::move(options.local_time)),
      streams_(options.max_streams),
      plots_(options.max_window_bytes),
      accounts_(std::move(options.accounts)) {
  for (const KnownStream& stream : options.streams) {
    streams_.add(stream.name, stream.token.reveal());
  }
  for (const PlotOptions& plot : options.plots) {
    Plot& made = plots_.add(PlotOrigin::kConfig, {}, plot.name, plot.layout_json);
    for (const TraceOptions& trace : plot.traces) {
      const auto stream = trace.stream.empty() ? streams_.add("", trace.token.reveal())
                                               : streams_.find_name(trace.stream);
      plots_.add_trace(made, stream ? streams_[*stream].name : trace.stream, stream,
                       trace.max_points, trace.style_json);
    }
  }
  for (StreamId stream = 0; stream < streams_.size(); ++stream) {
    streams_[stream].announced = true;
    plots_.ensure_plot(stream, streams_[stream].name);
  }
}

Endpoint::Opening Endpoint::open_stream(std::string_view token, ConnectionId connection,
                                        TimePoint now) {
  Opening opening;
  if (token.empty()) {
    opening.status = Status::kMissingToken;
    return opening;
  }
  auto stream = streams_.find(token);
  if (!stream && open_ && token.size() <= kMaxTokenBytes) {
    if (streams_.full()) {
      opening.status = Status::kDatabaseError;
      return opening;
    }
    stream = streams_.add("", token);
  }
  if (!stream) {
    opening.status = Status::kUnknownToken;
    return opening;
  }
  if (!open_ && !streams_[*stream].announced && !plots_.shows(*stream)) {
    opening.status = Status::kNotOfThisPlot;
    return opening;
  }
  opening.stream = *stream;
  const StreamTable::Claim claim = streams_.claim(*stream, connection, now);
  if (!claim.granted) {
    opening.status = Status::kEvicted;
    return opening;
  }
  plots_.ensure_plot(*stream, streams_[*stream].name);
  opening.evicted = claim.evicted;
  return opening;
}

Endpoint::Taken Endpoint::take_line(StreamId stream, std::string_view line, TimePoint now) {
  const LineUpdate* const update = read_line(line);
  return update == nullptr ? Taken::kBad : apply(stream, *update, now);
}

Endpoint::Taken Endpoint::apply(StreamId stream, const LineUpdate& update, TimePoint now) {
  StreamState& state = streams_[stream];
  ++state.lines;
  state.last_line = now;
  state.rate.count(now);
  if (const std::string_view y = last_y(update); !y.empty() && y.size() <= kMaxLastBytes) {
    state.last_y.assign(y);
  }
  return plots_.apply(stream, update) ? Taken::kWhole : Taken::kInPart;
}

bool Endpoint::close_stream(StreamId stream, ConnectionId connection) {
  return streams_.release(stream, connection);
}

std::vector<ConnectionId> Endpoint::expire_idle(TimePoint now) const {
  return streams_.silent_since(now - idle_timeout_);
}

std::string Endpoint::plots_json(TimePoint now) {
  return endpoint::plots_json(plots_, streams_, now);
}

std::string Endpoint::status_json(const Plot& plot, TimePoint now) {
  return plot_status_json(plot, streams_, now);
}

}  // namespace plotbridge::endpoint
