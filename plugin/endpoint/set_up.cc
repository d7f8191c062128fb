#include "plugin/endpoint/set_up.h"

#include "plugin/base/log.h"
#include "plugin/endpoint/file_record.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/line_batch.h"
#include "plugin/endpoint/line_parser.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

namespace plotbridge::endpoint {
namespace {

/// What the configuration says of a plot, as a short text that another saying does not have.
std::string configured(const PlotOptions& plot) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;  // FNV-1a
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    hash = (hash ^ 0xffU) * 1'099'511'628'211U;
  };
  add(plot.layout_json);
  for (const TraceOptions& trace : plot.traces) {
    add(trace.stream);
    add(trace.token.reveal());
    add(std::to_string(trace.max_points));
    add(trace.style_json);
  }
  return std::to_string(hash);
}

class SetUp {
 public:
  SetUp(const Options& options, StreamTable& streams, PlotBook& plots, GridBook& grids)
      : options_(options), streams_(streams), plots_(plots), grids_(grids) {}

  void run() {
    for (const KnownStream& stream : options_.streams) {
      streams_.add(stream.name, stream.token.reveal());
    }
    if (options_.saved) read(*options_.saved);
    for (const PlotOptions& plot : options_.plots) add_configured(plot);
    const std::size_t announced = streams_.size();
    for (const auto& [id, plot] : others_) add_saved(id, plot);
    for (StreamId stream = 0; stream < announced; ++stream) {
      streams_.announce(stream);
      plots_.ensure_plot(stream, streams_[stream].name);
    }
    if (options_.saved) replay(*options_.saved);
  }

 private:
  void read(const SavedState& saved) {
    for (const SavedFile& file : saved.files) {
      plots_.keep_id(file.id);
      if (file.record.empty()) continue;
      auto record = read_record(file.record);
      if (!record) {
        log::warning("a saved plot cannot be read and is left out",
                     {{"plot", file.id}, {"why", record.error().message}});
        continue;
      }
      if (auto* grid = std::get_if<Grid>(&*record)) {
        grid->id = file.id;
        grids_.put(std::move(*grid));
        continue;
      }
      through_[file.id] = file.through;
      auto& plot = std::get<SavedPlot>(*record);
      if (plot.origin == PlotOrigin::kConfig) {
        configured_.try_emplace(plot.name, file.id, std::move(plot));
      } else {
        others_.emplace(file.id, std::move(plot));
      }
    }
  }

  void add_configured(const PlotOptions& wanted) {
    const auto node = configured_.extract(wanted.name);
    const SavedPlot* const saved = node ? &node.mapped().second : nullptr;
    const std::string now = configured(wanted);
    const bool same = saved != nullptr && saved->configured == now &&
                      saved->traces.size() == wanted.traces.size();
    Plot& made = plots_.add(PlotOrigin::kConfig, {}, wanted.name,
                            same ? saved->layout_json : wanted.layout_json,
                            node ? std::optional(node.mapped().first) : std::nullopt);
    made.set_configured(now);
    for (std::size_t i = 0; i < wanted.traces.size(); ++i) {
      const TraceOptions& trace = wanted.traces[i];
      const auto stream = trace.stream.empty() ? streams_.add("", trace.token.reveal())
                                               : streams_.find_name(trace.stream);
      plots_.add_trace(made, stream ? streams_[*stream].name : trace.stream, stream,
                       trace.max_points, same ? saved->traces[i].style_json : trace.style_json);
      if (saved == nullptr || !stream) continue;
      const std::string& token = streams_[*stream].token.reveal();
      const auto before = std::ranges::find(saved->traces, token, &SavedTrace::token);
      const SavedTrace* const data = same                            ? &saved->traces[i]
                                     : before != saved->traces.end() ? &*before
                                                                     : nullptr;
      if (data != nullptr) fill(made, i, *data);
    }
  }

  void add_saved(FileId id, const SavedPlot& saved) {
    if (saved.origin == PlotOrigin::kAutomatic) return add_automatic(id, saved);
    Plot& made = plots_.add(PlotOrigin::kRest, saved.owner, saved.name, saved.layout_json, id);
    made.set_world_readable(saved.world_readable);
    for (std::size_t i = 0; i < saved.traces.size(); ++i) {
      const SavedTrace& trace = saved.traces[i];
      std::optional<StreamId> stream;
      if (!trace.token.empty()) stream = streams_.add(trace.stream, trace.token);
      plots_.add_trace(made, trace.stream, stream, trace.max_points, trace.style_json);
      fill(made, i, trace);
    }
    plots_.measure(made);
  }

  // Unless the stream has another plot by now, or nobody may open it any more.
  void add_automatic(FileId id, const SavedPlot& saved) {
    if (saved.traces.size() != 1 || saved.traces[0].token.empty()) return;
    const SavedTrace& trace = saved.traces[0];
    auto stream = streams_.find(trace.token);
    if (!stream && options_.open) stream = streams_.add(trace.stream, trace.token);
    if (!stream || plots_.shows(*stream)) return;
    Plot& made = plots_.add_automatic(*stream, streams_[*stream].name, id);
    LineUpdate style;
    for_each_leaf(trace.style_json, [&](std::string_view path, std::string_view json, LeafKind) {
      // It was named after its stream, which may have another name by now.
      if (path == "name" && text_of_json(json) == trace.stream) return;
      style.style.push_back({std::string(path), json});
    });
    made.trace(0).apply(style);
    made.restore_layout(saved.layout_json);
    fill(made, 0, trace);
  }

  static void fill(Plot& plot, std::size_t trace, const SavedTrace& saved) {
    LineUpdate data;
    for_each_member(saved.columns_json, [&data](std::string_view path, std::string_view json) {
      if (is_json_array(json)) data.columns.push_back({std::string(path), json});
    });
    plot.trace(trace).apply(data);
  }

  void replay(const SavedState& saved) {
    LineParser parser;
    for (const SavedLines& lines : saved.lines) {
      const auto lacks = [&](const Plot& plot) {
        const auto known = through_.find(plot.id());
        return known != through_.end() && known->second < lines.batch;
      };
      const bool whole =
          for_each_line(lines.entries, [&](std::string_view token, std::string_view line) {
            const auto stream = streams_.find(token);
            const LineUpdate* const update = stream ? parser.parse(line) : nullptr;
            if (update != nullptr) plots_.apply_if(*stream, *update, lacks);
          });
      if (!whole) log::warning("saved lines are damaged and left out", {{"batch", lines.batch}});
    }
  }

  const Options& options_;
  StreamTable& streams_;
  PlotBook& plots_;
  GridBook& grids_;
  std::unordered_map<std::string, std::pair<FileId, SavedPlot>> configured_;  // by name
  std::map<FileId, SavedPlot> others_;
  std::unordered_map<FileId, std::uint64_t> through_;  // of plots
};

}  // namespace

void set_up(const Options& options, StreamTable& streams, PlotBook& plots, GridBook& grids) {
  plots.share_limit_with(grids);
  SetUp(options, streams, plots, grids).run();
}

}  // namespace plotbridge::endpoint
