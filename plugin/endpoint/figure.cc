#include "plugin/endpoint/figure.h"

#include "plugin/base/number_text.h"
#include "plugin/base/utf8.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/line_parser.h"

#include <algorithm>

namespace plotbridge::endpoint {
namespace {

constexpr std::string_view kSource = "src";
constexpr std::size_t kShownBytes = 100;  // of a text in an error

std::string_view without_quotes(std::string_view json) {
  const bool text = json.size() >= 2 && json.front() == '"';
  return text ? json.substr(1, json.size() - 2) : std::string_view();
}

// `xsrc` names the grid column that is x.
bool is_source(std::string_view path, std::string_view json) {
  return path.ends_with(kSource) && path.size() > kSource.size() &&
         std::ranges::count(without_quotes(json), ':') == 2;
}

// False: the trace could never be fed.
bool read_stream(std::string_view path, std::string_view json, FigureTrace& trace) {
  if (path == "stream") return json == "null" || json == "{}";
  if (path == "stream.token") {
    trace.token = without_quotes(json);
    if (trace.token.size() > Figure::kMaxTokenBytes) return false;
    return !trace.token.empty() || json == "null";
  }
  if (path == "stream.maxpoints") {
    const auto number = number_value(json);
    if (number && *number >= 0) {
      trace.max_points =
          static_cast<std::size_t>(std::min(*number, static_cast<double>(Trace::kMaxPoints)));
    }
  }
  return true;
}

Result<FigureTrace> read_trace(std::string_view trace, const FindColumn& find_column,
                               std::size_t& referenced_bytes) {
  LineParser parser;
  const LineUpdate* const update = parser.parse(trace);
  if (update == nullptr) return fail(ErrorKind::kInvalid, "a trace is not a JSON object");
  if (update->cut) {
    return fail(ErrorKind::kInvalid,
                "a trace has more than " + std::to_string(LineUpdate::kMaxEntries) +
                    " attributes, or the name of one has more than " +
                    std::to_string(kMaxPathBytes) + " bytes: leave out what it does not need");
  }
  FigureTrace made;
  Attributes style;
  bool can_be_fed = true;
  bool fits = true;
  for_each_leaf(trace, [&](std::string_view path, std::string_view json, LeafKind) {
    can_be_fed = read_stream(path, json, made) && can_be_fed;
    if (path == "type") fits = style.set(path, json) && fits;
  });
  if (!can_be_fed) {
    return fail(ErrorKind::kInvalid,
                "stream must be {\"token\": ..., \"maxpoints\": ...}, and the token a text that is "
                "not empty and has at most " +
                    std::to_string(Figure::kMaxTokenBytes) + " bytes");
  }
  for (const auto& entry : update->columns) made.columns.emplace_back(entry.path, entry.json);
  for (const auto* entries : {&update->point, &update->style}) {
    for (const auto& entry : *entries) {
      if (!is_source(entry.path, entry.json)) {
        fits = style.set(entry.path, entry.json) && fits;
        continue;
      }
      const std::string_view reference = without_quotes(entry.json);
      const auto column = find_column(reference);
      if (!column) {
        return fail(ErrorKind::kInvalid, entry.path + " names no column of a grid: " +
                                             std::string(whole_characters(reference, kShownBytes)));
      }
      referenced_bytes += column->size();
      if (referenced_bytes > Figure::kMaxReferencedBytes) {
        return fail(
            ErrorKind::kInvalid,
            "the columns that the figure refers to have more than 32 MiB together: refer to "
            "shorter ones, or make several plots");
      }
      made.columns.emplace_back(entry.path.substr(0, entry.path.size() - kSource.size()), *column);
    }
  }
  if (!fits) {
    return fail(ErrorKind::kInvalid,
                "the style of a trace has more than 256 KiB: take a simpler one");
  }
  made.style_bytes = style.bytes();
  made.style_json.clear();
  style.write(made.style_json);
  return made;
}

}  // namespace

Result<Figure> read_figure(std::string_view data, std::string_view layout,
                           const FindColumn& find_column) {
  Figure figure;
  if (!layout.empty()) {
    Attributes attributes;
    bool fits = true;
    const auto set = [&](std::string_view path, std::string_view json, LeafKind) {
      fits = attributes.set(path, json) && fits;
    };
    if (!is_valid_utf8(layout) || !for_each_leaf(layout, set)) {
      return fail(ErrorKind::kInvalid, "the layout is not a JSON object");
    }
    if (!fits) {
      return fail(ErrorKind::kInvalid, "the layout has more than 256 KiB: take a simpler one");
    }
    figure.layout_json.clear();
    attributes.write(figure.layout_json);
    figure.layout_bytes = attributes.bytes();
  }
  if (data.empty()) return figure;
  if (!is_json_array(data)) return fail(ErrorKind::kInvalid, "the data is not a JSON array");
  std::optional<Error> error;
  for_each_element(data, [&](std::string_view json) {
    if (error) return;
    auto trace = read_trace(json, find_column, figure.referenced_bytes);
    if (!trace) {
      error = trace.error();
    } else if (figure.traces.size() == Figure::kMaxTraces) {
      error =
          Error{ErrorKind::kInvalid, "more than " + std::to_string(Figure::kMaxTraces) + " traces"};
    } else {
      figure.traces.push_back(*std::move(trace));
    }
  });
  if (error) return tl::make_unexpected(*std::move(error));
  return figure;
}

}  // namespace plotbridge::endpoint
