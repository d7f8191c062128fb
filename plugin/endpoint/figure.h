// A whole plot as REST clients send it and read it back: traces with their style and data, and a
// layout, in Plotly's JSON. Cost: each byte of the text, and of the columns that are referred to,
// is looked at a few times. Not responsible for: HTTP, and what plots there are (plot_book.h).
// Pure; any thread.
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
  std::size_t style_bytes = 0;  // as Attributes counts them
  /// Dotted path and JSON array, which is part of what was read, or of a grid.
  std::vector<std::pair<std::string, std::string_view>> columns;
};

struct Figure {
  static constexpr std::size_t kMaxTraces = 1000;
  /// That one stream feeds: each of its lines costs each of them.
  static constexpr std::size_t kMaxTracesOfStream = 16;
  static constexpr std::size_t kMaxTokenBytes = 256;
  /// Of the columns of grids that one figure refers to; a column counts each time.
  static constexpr std::size_t kMaxReferencedBytes = std::size_t{32} << 20;
  /// Of a figure that is read back (Plot::text_bytes).
  static constexpr std::size_t kMaxAnswerBytes = std::size_t{16} << 20;

  std::vector<FigureTrace> traces;
  std::string layout_json = "{}";
  std::size_t layout_bytes = 0;  // as Attributes counts them
  std::size_t referenced_bytes = 0;
};

/// The JSON array of a grid's column that is named as `plant:11:a1b2c3`; nothing: there is none.
using FindColumn = std::function<std::optional<std::string_view>(std::string_view reference)>;

/// `data` is an array of traces, `layout` an object; each may be empty. The figure is valid as long
/// as `data` and the grids. Error: what is wrong.
Result<Figure> read_figure(std::string_view data, std::string_view layout,
                           const FindColumn& find_column);

}  // namespace plotbridge::endpoint
