// A whole plot as REST clients send it and read it back: traces with their style and data, and a
// layout, in Plotly's JSON. Leaves to others: HTTP, and what plots there are (plot_book.h). Pure;
// any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/endpoint/plot.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

struct FigureTrace {
  static constexpr std::size_t kDefaultMaxPoints = 500;

  std::string token;  // empty: no stream feeds it
  std::size_t max_points = kDefaultMaxPoints;
  std::string style_json = "{}";
  std::vector<std::pair<std::string, std::string>> columns;  // dotted path, JSON array
};

struct Figure {
  static constexpr std::size_t kMaxTraces = 1000;

  std::vector<FigureTrace> traces;
  std::string layout_json = "{}";
};

/// The JSON array of a grid's column that is named as `plant:11:a1b2c3`; nothing: there is none.
using FindColumn = std::function<std::optional<std::string>(std::string_view reference)>;

/// `data` is an array of traces, `layout` an object; each may be empty. Error: what is wrong.
Result<Figure> read_figure(std::string_view data, std::string_view layout,
                           const FindColumn& find_column);

/// The columns and the style of a JSON object of trace attributes.
Result<FigureTrace> read_figure_trace(std::string_view trace, const FindColumn& find_column);

/// Appends `{"data":[...],"layout":{...}}` with all data that the plot holds now, without tokens.
void append_figure(const Plot& plot, std::string& out);

}  // namespace plotbridge::endpoint
