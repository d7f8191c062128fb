// Grids: tables that version 2 clients upload before the plot that shows them, column by column.
// Bounded; the oldest go first, because a plot has a copy of what it shows. Cost: `put` sorts the
// columns, a column is found by its logarithm, a grid by its number at once and by its name by the
// logarithm of theirs. Not responsible for: HTTP. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

/// A plot's or grid's number, from 1.
using FileId = std::uint32_t;

/// Shared by its book and by those who read it.
struct Grid : std::enable_shared_from_this<Grid> {
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

  /// What a grid and each of its columns take beside their texts.
  static constexpr std::size_t kBytes = 512;
  static constexpr std::size_t kColumnBytes = sizeof(Column) + 32;
  /// Of a column.
  static std::size_t bytes_of(const Column& column) {
    return kColumnBytes + column.name.size() + column.data_json.size();
  }
  /// Of all of it.
  std::size_t bytes() const;
};

class GridBook {
 public:
  /// Of all grids together, and so of each: a larger one must not be put.
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  /// `changed` is told of each grid that is new, another one or gone.
  explicit GridBook(std::function<void(FileId)> changed = nullptr) : changed_(std::move(changed)) {}

  /// A grid of this number, in place of the one that had it. Uids of columns are given here; a
  /// column keeps its own while its name stays.
  const Grid& put(Grid grid);

  /// Nothing when there is no such grid.
  void remove(FileId id);

  const Grid* find(FileId id) const;
  /// Of several of this name the first.
  const Grid* find(std::string_view owner, std::string_view name) const;
  /// The data of `owner:ID:uid`; valid until a grid is put or removed.
  std::optional<std::string_view> column(std::string_view reference) const;

  std::size_t bytes() const { return bytes_; }
  std::size_t count() const { return grids_.size(); }

  /// How many names and uids were compared with each other so far.
  std::uint64_t comparisons() const { return comparisons_; }

  template <class Take>
  void each(Take take) const {
    for (const Kept& kept : grids_) take(*kept.grid);
  }

 private:
  struct Kept {
    std::shared_ptr<const Grid> grid;
    std::vector<std::uint32_t> by_uid;  // its columns, sorted
  };
  using Grids = std::list<Kept>;  // oldest first
  void name_columns(Grid& grid, const Grid* old);
  void drop(Grids::iterator kept);

  void tell(FileId id) const {
    if (changed_) changed_(id);
  }

  std::function<void(FileId)> changed_;
  Grids grids_;
  std::unordered_map<FileId, Grids::iterator> by_id_;
  std::set<std::tuple<std::string_view, std::string_view, FileId>> by_name_;  // with its owner
  std::size_t bytes_ = 0;
  mutable std::uint64_t comparisons_ = 0;
};

/// The number in `owner:ID`, or in an ID alone; nothing: none.
std::optional<FileId> file_id_of(std::string_view fid);

}  // namespace plotbridge::endpoint
