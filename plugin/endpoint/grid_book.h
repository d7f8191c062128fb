// Grids: tables that version 2 clients upload before the plot that shows them, column by column.
// Bounded; the oldest go first, because a plot has a copy of what it shows. Leaves to others: HTTP.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

/// A plot's or grid's number, from 1.
using FileId = std::uint32_t;

struct Grid {
  struct Column {
    std::string name;
    std::string uid;
    std::string data_json = "[]";  // an array
  };

  FileId id = 0;
  std::string owner;
  std::string name;
  std::vector<Column> columns;
  bool world_readable = true;  // see Plot::world_readable
};

class GridBook {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  /// `changed` is told of each grid that is new, another one or gone.
  explicit GridBook(std::function<void(FileId)> changed = nullptr) : changed_(std::move(changed)) {}

  /// A grid of this number, in place of the one that had it. Uids of columns are given here; a
  /// column keeps its own while its name stays.
  Grid& put(Grid grid);

  /// Nothing when there is no such grid.
  void remove(FileId id);

  const Grid* find(FileId id) const;
  const Grid* find(std::string_view owner, std::string_view name) const;
  /// The data of `owner:ID:uid`.
  std::optional<std::string> column(std::string_view reference) const;

  std::size_t bytes() const { return bytes_; }
  std::size_t count() const { return grids_.size(); }

  template <class Take>
  void each(Take take) const {
    for (const Grid& grid : grids_) take(grid);
  }

 private:
  void tell(FileId id) const {
    if (changed_) changed_(id);
  }

  std::function<void(FileId)> changed_;
  std::deque<Grid> grids_;  // oldest first
  std::size_t bytes_ = 0;
};

/// The number in `owner:ID`, or in an ID alone; nothing: none.
std::optional<FileId> file_id_of(std::string_view fid);

}  // namespace plotbridge::endpoint
