// The data behind one trace of a plot: its columns, aligned and bounded, and its style; what came
// since readers were last told. Cost of a line: that of its own bytes, and one step for each column
// (kMaxColumns). Not responsible for: which stream feeds it (plot_book.h) and the readers (feed.h).
// One thread at a time.
#pragma once

#include "plugin/endpoint/attributes.h"
#include "plugin/endpoint/column.h"
#include "plugin/endpoint/line_parser.h"
#include "plugin/endpoint/window_budget.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

class Trace {
 public:
  static constexpr std::size_t kMaxPoints = 10000;
  static constexpr std::size_t kMaxColumns = 64;
  static constexpr std::size_t kMaxBytes = std::size_t{4} << 20;  // of all columns
  /// What a column takes beside its name and its values.
  static constexpr std::size_t kColumnBytes = 176;
  /// What a trace may hold though the budget is used up, so that late streams have a chart too: of
  /// values, of columns with their names, and of style, each.
  static constexpr std::size_t kReservedBytes = 4096;

  /// `budget` outlives the trace; `max_points` above kMaxPoints counts as that; `style` is one JSON
  /// object.
  Trace(std::size_t max_points, std::string_view style, WindowBudget& budget);

  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  /// Applies what a line says of points, columns and style. False when part of it did not fit and
  /// was left out.
  bool apply(const LineUpdate& update);

  /// Puts the elements of each array behind its column, as if each row of them had come as a point.
  /// False when a column did not fit and was left out.
  bool extend(const std::vector<std::pair<std::string, std::string_view>>& arrays);

  std::size_t max_points() const { return max_points_; }
  const Attributes& style() const { return style_; }
  /// What it holds of the budget: values, columns with their names, style, and what readers were
  /// not told of that.
  std::size_t bytes() const { return held_; }

  /// Appends `{"columns":{...},"style":{...}}`.
  void write_window(std::string& out) const;

  /// One object with style and columns, as it stands in a figure of this moment: JSON into which
  /// the values of the columns belong.
  struct Text {
    struct Column {
      std::size_t at;  // in the JSON
      std::string path;
      ColumnText values;
    };
    std::string json;
    std::vector<Column> columns;  // in their order in the JSON
  };
  Text text() const;
  /// About as long as that is with the values.
  std::size_t text_bytes() const;
  /// Whether a column's values are in memory that the trace has anyway.
  bool shares(const Text::Column& column) const {
    const auto found = columns_.find(column.path);
    return found != columns_.end() && found->second.shares(column.values);
  }

  /// Whether something came since `mark_told`.
  bool untold() const { return appended_ || rewritten_ || vanished_ || !untold_style_.empty(); }
  /// Whether it can only be told by a whole window.
  bool needs_window() const { return vanished_; }
  /// About as long as the columns are that must be told whole; 0: none must.
  std::size_t rewritten_bytes() const {
    return rewritten_ ? text_bytes() - style_.text_bytes() : 0;
  }
  /// Appends `{"append":{...},"replace":{...},"style":{...}}`, without what is empty.
  void write_untold(std::string& out) const;
  void mark_told();

 private:
  using Columns = std::map<std::string, Column, std::less<>>;
  bool replace(const LineUpdate::Entry& entry, std::size_t max_rows);
  bool append_point(const LineUpdate& update);
  bool restyle(const LineUpdate::Entry& entry);
  Column* column(std::string_view path);
  std::size_t rows() const;
  bool is_grid() const;
  /// The rows of a heatmap or a surface are no points: without its oldest ones it would be another
  /// picture.
  std::size_t most_rows(bool grid) const { return grid ? kMaxPoints : max_points_; }
  void trim();
  bool drop_row();
  std::size_t value_bytes() const;
  std::size_t name_bytes() const;
  void account(std::size_t value_bytes);

  std::size_t max_points_;
  WindowBudget* budget_;
  Columns columns_;
  std::size_t held_ = 0;  // as the budget knows it
  Attributes style_;
  Attributes untold_style_;
  bool appended_ = false;
  bool rewritten_ = false;  // columns must be told whole
  bool vanished_ = false;   // a column is gone
};

}  // namespace plotbridge::endpoint
