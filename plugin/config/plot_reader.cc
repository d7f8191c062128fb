#include "plugin/config/plot_reader.h"

#include "plugin/config/json_text.h"
#include "plugin/config/secret.h"

#include <unordered_set>
#include <utility>

namespace plotbridge::config {
namespace {

constexpr std::int64_t kMaxPoints = 10'000;

void read_max_points(const MapReader& map, std::string_view key, Trace& trace) {
  std::int64_t points = 0;
  if (map.integer(key, 0, kMaxPoints, points)) trace.max_points = static_cast<std::size_t>(points);
}

/// Plotly's own {token: ..., maxpoints: ...}.
void read_plotly_stream(const MapReader& stream, const std::string& folder, Trace& trace) {
  stream.require("token", "Plotly's own `stream` needs one");
  read_max_points(stream, "maxpoints", trace);
  const Node* token = stream.find("token");
  if (token == nullptr) return;
  auto secret = read_secret(*token, stream.path_of("token"), folder, stream.mistakes());
  if (!secret) return;
  if (is_usable_token(*secret)) {
    trace.token = *std::move(secret);
  } else {
    stream.wrong("token", kTokenRule);
  }
}

void read_trace_stream(const MapReader& map, const std::string& folder, Trace& trace,
                       StreamTable& table) {
  map.require("stream",
              "the name of one of `streams`, or Plotly's own {token: ..., maxpoints: ...}");
  const Node* stream = map.find("stream");
  if (stream == nullptr) return;
  if (!stream->is_map()) {
    if (map.text("stream", trace.stream)) {
      table.use({trace.stream, map.path_of("stream"), stream->mark});
    }
    return;
  }
  const auto plotly = map.map("stream");
  read_plotly_stream(*plotly, folder, trace);
  if (plotly->has("maxpoints") && map.has("max_points")) {
    map.mistakes().add(map.key_mark("max_points"), map.path_of("max_points"),
                       "`stream.maxpoints` says it already: remove one");
  }
}

Trace read_trace(const MapReader& map, const std::string& folder, StreamTable& table) {
  Trace trace;
  read_max_points(map, "max_points", trace);
  read_trace_stream(map, folder, trace, table);
  trace.style_json = "{";
  map.each_own([&](const Node::Key& key, const Node& value, const std::string& path) {
    if (key.name == "maxpoints") {
      map.mistakes().add(key.mark, path, "unknown key; did you mean `max_points`?");
    }
    if (trace.style_json.size() > 1) trace.style_json += ',';
    trace.style_json += json_string(key.name) + ':' + to_json(value, path, map.mistakes());
  });
  trace.style_json += '}';
  return trace;
}

Plot read_plot(const MapReader& map, const std::string& folder, StreamTable& table) {
  Plot plot;
  map.require("name", "what the page calls this plot");
  map.text("name", plot.name);
  // As a map first: a layout that is none is told, and so are doubled keys at its top.
  if (const auto layout = map.map("layout"); layout && layout->usable()) {
    plot.layout_json = to_json(*map.find("layout"), map.path_of("layout"), map.mistakes());
  }
  map.require("traces", "what it draws (- stream: NAME)");
  const auto traces = map.maps("traces");
  for (const MapReader& trace : traces) plot.traces.push_back(read_trace(trace, folder, table));
  return plot;
}

}  // namespace

std::vector<Plot> read_plots(const MapReader& config, const std::string& folder,
                             StreamTable& table) {
  std::vector<Plot> plots;
  std::unordered_set<std::string> seen;
  for (const MapReader& map : config.maps("plots")) {
    Plot plot = read_plot(map, folder, table);
    if (!plot.name.empty() && !seen.insert(plot.name).second) {
      map.wrong("name", "a plot named " + shown(plot.name) + " is already there");
    }
    plots.push_back(std::move(plot));
  }
  return plots;
}

}  // namespace plotbridge::config
