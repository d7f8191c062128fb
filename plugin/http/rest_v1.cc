#include "plugin/http/rest_v1.h"

#include "plugin/base/utf8.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/plot_form.h"
#include "plugin/http/credentials.h"
#include "plugin/http/figure_response.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::http {
namespace {

using endpoint::Figure;
using endpoint::Plot;
using endpoint::PlotForm;

// What `kwargs` says.
struct Wishes {
  std::string filename;
  std::string fileopt = "new";
  std::string layout;
  std::string style;
  std::optional<bool> world_readable;
};

bool read_wishes(const PlotForm& form, Wishes& wishes) {
  if (form.kwargs.empty()) return true;
  return endpoint::for_each_member(form.kwargs, [&](std::string_view key, std::string_view json) {
    if (key == "filename") wishes.filename = endpoint::text_of_json(json);
    if (key == "fileopt") wishes.fileopt = endpoint::text_of_json(json);
    if (key == "layout" && json.starts_with('{')) wishes.layout = json;
    if (key == "style") wishes.style = json;
    if (key == "world_readable") wishes.world_readable = json != "false";
  });
}

// `args` as an array of traces; of lists [x, y, x, y, ...] each pair is one.
Result<std::string> traces_of(const PlotForm& form, const Wishes& wishes) {
  // Of more lists the figure says that it has too many traces.
  constexpr std::size_t kMaxLists = 2 * (Figure::kMaxTraces + 1);
  std::vector<std::string_view> lists;
  bool objects = true;
  endpoint::for_each_element(form.args, [&](std::string_view json) {
    objects = objects && json.starts_with('{');
    if (lists.size() < kMaxLists) lists.push_back(json);
  });
  if (objects) return form.args;
  const bool styled = wishes.style.starts_with('{') && wishes.style.size() > 2;
  const std::string style = styled ? ',' + wishes.style.substr(1) : "}";
  // Each of them has the style.
  if (style.size() * (lists.size() / 2) > endpoint::PlotBook::kMostFigureBytes / 4) {
    return fail(ErrorKind::kInvalid,
                "the style is too large for so many lists: take a shorter one, or traces");
  }
  std::string traces = "[";
  for (std::size_t i = 0; i + 1 < lists.size(); i += 2) {
    if (i > 0) traces += ',';
    traces += "{\"x\":";
    traces += lists[i];
    traces += ",\"y\":";
    traces += lists[i + 1];
    traces += style;
  }
  return traces + ']';
}

bool any_stream(const Figure& figure) {
  for (const auto& trace : figure.traces) {
    if (!trace.token.empty()) return true;
  }
  return false;
}

HttpResponse answer_of(const RestRequest& request, const Plot& plot, bool streams) {
  JsonObject answer;
  answer.text("url", request.base_url() + "/plots/" + std::to_string(plot.id()))
      .text("message", "")
      .text("warning", "")
      .text("filename", plot.name())
      .text("error", "");
  if (streams) {
    // The words that Arduino's clients wait for, and something behind them.
    answer.text("stream-status", "All Streams Go!").text("stream-host", request.stream_host());
  }
  return json_response(200, answer.end());
}

// A layout or a style for a plot that is there.
HttpResponse change(const RestRequest& request, const PlotForm& form, endpoint::PlotBook& plots,
                    const Wishes& wishes) {
  Plot* const plot = plots.find(form.user, wishes.filename);
  if (plot == nullptr) return client_failure("there is no plot " + wishes.filename + " to change");
  if (form.origin == "layout") {
    std::string line = "{\"layout\":" + (wishes.layout.empty() ? "{}" : wishes.layout) + '}';
    endpoint::for_each_element(form.args, [&](std::string_view json) {
      if (json.starts_with('{')) line = "{\"layout\":" + std::string(json) + '}';
    });
    endpoint::LineParser parser;
    if (const auto* update = parser.parse(line)) plot->apply_layout(*update);
  } else {
    std::size_t trace = 0;
    endpoint::for_each_element(form.args, [&](std::string_view json) {
      if (trace == plot->members().size()) return;
      endpoint::LineParser parser;
      const auto* update = parser.parse(json);
      if (update != nullptr) plot->apply(trace, *update);
      ++trace;
    });
  }
  plots.measure(*plot);
  plots.note(*plot);
  request.changed(FileChange::kReplaced, "plot", plot->id(), plot->name(), form.user);
  return answer_of(request, *plot, false);
}

}  // namespace

HttpResponse client_failure(std::string_view error) {
  JsonObject answer;
  answer.text("url", "").text("message", "").text("warning", "").text("filename", "");
  return json_response(200, answer.text("error", error).end());
}

HttpResponse client_response(const RestRequest& request, endpoint::Endpoint& endpoint) {
  const PlotForm form = endpoint::read_plot_form(request.body, request.head.content_type);
  if (form.user.empty() || form.key.empty() || form.args.empty()) {
    return client_failure("Missing required POST parameters: platform un key origin args kwargs");
  }
  // Percent signs may have stood for any bytes; they would go into the page's JSON.
  if (!is_valid_utf8(form.user) || !is_valid_utf8(form.args) || !is_valid_utf8(form.kwargs)) {
    return client_failure("un, args and kwargs must be UTF-8");
  }
  if (form.user.size() > endpoint::PlotBook::kMaxNameBytes) {
    return client_failure("un has more than 256 bytes: take a shorter one");
  }
  if (!endpoint.accounts().knows(form.user, form.key)) {
    auto refusal = client_failure("Aw, snap! There is no account of this name with this API key.");
    refusal.wrong_key_of = form.user;
    return refusal;
  }
  Wishes wishes;
  if (!endpoint::is_json_array(form.args) || !read_wishes(form, wishes)) {
    return client_failure("args must be a JSON array and kwargs a JSON object");
  }
  if (wishes.filename.size() > endpoint::PlotBook::kMaxNameBytes) {
    return client_failure(kNameTooLong);
  }
  endpoint::PlotBook& plots = endpoint.plots();
  Plot* plot = wishes.filename.empty() || wishes.fileopt == "new"
                   ? nullptr
                   : plots.find(form.user, wishes.filename);
  if (form.origin == "layout" || form.origin == "style") {
    return change(request, form, plots, wishes);
  }
  const auto find_column = [&](std::string_view name) { return endpoint.grids().column(name); };
  const auto traces = traces_of(form, wishes);
  if (!traces) return client_failure(traces.error().message);
  const auto figure = endpoint::read_figure(*traces, wishes.layout, find_column);
  if (!figure) return client_failure(figure.error().message);
  const FileChange done = plot == nullptr ? FileChange::kMade : FileChange::kReplaced;
  const bool extends = plot != nullptr && wishes.fileopt == "append";
  const auto no_room =
      endpoint.no_room(*figure, extends ? nullptr : plot, extends ? plot : nullptr);
  if (!no_room.empty()) return client_failure(no_room);
  if (plot != nullptr && wishes.fileopt == "extend") {
    plots.extend(*plot, *figure);
  } else if (extends) {
    plots.append(*plot, *figure, endpoint.streams());
  } else {
    if (plot == nullptr) {
      const std::string name = wishes.filename.empty() ? "plot from API" : wishes.filename;
      plot = &plots.add(endpoint::PlotOrigin::kRest, form.user, name, "{}");
    }
    if (wishes.world_readable) plot->set_world_readable(*wishes.world_readable);
    plots.fill(*plot, *figure, endpoint.streams());
  }
  request.changed(done, "plot", plot->id(), plot->name(), form.user);
  return answer_of(request, *plot, any_stream(*figure));
}

HttpResponse get_file(const RestRequest& request, endpoint::Endpoint& endpoint) {
  const std::string_view rest = request.behind("/apigetfile/");
  const auto slash = rest.find('/');
  const auto id = slash == std::string_view::npos
                      ? std::nullopt
                      : endpoint::file_id_of(endpoint::percent_decoded(rest.substr(slash + 1)));
  const Plot* const plot = id ? endpoint.plot(*id) : nullptr;
  const auto is_owner = [&](std::string_view name) {
    return plot->owner().empty() || plot->owner() == name ||
           plot->owner() == endpoint::percent_decoded(name);
  };
  if (plot == nullptr || !is_owner(rest.substr(0, slash))) {
    return json_response(404, JsonObject().text("error", "there is no such plot").end());
  }
  auto figure = figure_response(*plot, R"({"payload":{"figure":)",
                                R"(},"message":"","warning":"","error":""})");
  if (figure) return *std::move(figure);
  return json_response(413, JsonObject().text("error", kTooLargeToRead).end());
}

}  // namespace plotbridge::http
