// One line of a stream, which is one JSON object, sorted by what it does: scalars make a point,
// arrays replace columns, the rest is style and layout. Strict: what is not JSON is refused. Cost:
// each byte is scanned once; a leaf is compared with the logarithm of kMaxEntries others. Not
// responsible for: applying it (trace.h). One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
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
  bool cut = false;        // something is left out: beyond one of the limits

  static constexpr std::size_t kMaxEntries = 256;
  /// Of the line, those included that it gives again.
  static constexpr std::size_t kMaxLeaves = 4096;
};

class LineParser {
 public:
  /// Nothing when the line is not exactly one JSON object in UTF-8. The update is valid until the
  /// next call, its values as long as the line.
  LineUpdate* parse(std::string_view line);

  /// How many paths were compared with each other so far.
  std::uint64_t comparisons() const { return comparisons_; }

 private:
  using Entries = std::vector<LineUpdate::Entry>;
  struct Place {
    Entries* entries;
    std::size_t index;
  };

  void take(std::string_view path, std::string_view json, bool array, bool of_objects);
  void add(Entries& entries, std::string_view path, std::string_view json);
  void settle_point_style();

  LineUpdate update_;
  Entries point_style_;        // part of the point, if there is one
  std::vector<Place> places_;  // of all entries, by their vector and path
  std::size_t leaves_ = 0;
  std::uint64_t comparisons_ = 0;
};

}  // namespace plotbridge::endpoint
