// One line of a stream, which is one JSON object, sorted by what it does: scalars make a point,
// arrays replace columns, the rest is style and layout. Strict: what is not JSON is refused. Leaves
// to others: applying it (trace.h). One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::endpoint {

/// What one line says. The values are slices of the line.
struct LineUpdate {
  struct Entry {
    std::string path;  // dotted
    std::string_view json;
  };
  std::vector<Entry> point;    // columns that get one value each; empty: no point
  std::vector<Entry> columns;  // columns to be replaced; the values are arrays
  std::vector<Entry> style;
  std::vector<Entry> layout;
  std::string_view token;  // the text at `streamtoken`; empty: none
  bool too_many = false;   // more than kMaxEntries leaves: the rest is left out

  static constexpr std::size_t kMaxEntries = 256;
};

class LineParser {
 public:
  /// Nothing when the line is not exactly one JSON object in UTF-8. The update is valid until the
  /// next call, its values as long as the line.
  LineUpdate* parse(std::string_view line);

 private:
  void take(std::string_view path, std::string_view json, bool array, bool of_objects);
  void add(std::vector<LineUpdate::Entry>& entries, std::string_view path, std::string_view json);
  void settle_point_style();

  LineUpdate update_;
  std::vector<LineUpdate::Entry> point_style_;  // part of the point, if there is one
  std::size_t entries_ = 0;
};

}  // namespace plotbridge::endpoint
