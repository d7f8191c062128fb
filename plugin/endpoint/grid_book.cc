#include "plugin/endpoint/grid_book.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace plotbridge::endpoint {
namespace {

std::size_t bytes_of(const Grid& grid) {
  std::size_t bytes = grid.name.size();
  for (const Grid::Column& column : grid.columns) {
    bytes += column.name.size() + column.data_json.size();
  }
  return bytes;
}

// Six hexadecimal digits, as Chart Studio's.
std::string uid_of(std::size_t number) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string uid(6, '0');
  for (std::size_t i = uid.size(); i > 0 && number > 0; number /= 16) uid[--i] = kHex[number % 16];
  return uid;
}

}  // namespace

Grid& GridBook::put(Grid grid) {
  std::size_t next = 0;
  const auto old =
      std::ranges::find_if(grids_, [&](const Grid& known) { return known.id == grid.id; });
  if (old != grids_.end()) {
    next = old->columns.size();
    for (Grid::Column& column : grid.columns) {
      const auto same = std::ranges::find_if(
          old->columns, [&](const Grid::Column& known) { return known.name == column.name; });
      if (same != old->columns.end()) column.uid = same->uid;
    }
    bytes_ -= bytes_of(*old);
    grids_.erase(old);
  }
  for (Grid::Column& column : grid.columns) {
    if (column.uid.empty()) column.uid = uid_of(next++);
  }
  bytes_ += bytes_of(grid);
  tell(grid.id);
  grids_.push_back(std::move(grid));
  while (bytes_ > kMaxBytes && grids_.size() > 1) {
    bytes_ -= bytes_of(grids_.front());
    const FileId oldest = grids_.front().id;
    grids_.pop_front();
    tell(oldest);
  }
  return grids_.back();
}

void GridBook::remove(FileId id) {
  const auto found = std::ranges::find_if(grids_, [&](const Grid& grid) { return grid.id == id; });
  if (found == grids_.end()) return;
  bytes_ -= bytes_of(*found);
  grids_.erase(found);
  tell(id);
}

const Grid* GridBook::find(FileId id) const {
  const auto found = std::ranges::find_if(grids_, [&](const Grid& grid) { return grid.id == id; });
  return found == grids_.end() ? nullptr : &*found;
}

const Grid* GridBook::find(std::string_view owner, std::string_view name) const {
  const auto found = std::ranges::find_if(
      grids_, [&](const Grid& grid) { return grid.owner == owner && grid.name == name; });
  return found == grids_.end() ? nullptr : &*found;
}

std::optional<std::string> GridBook::column(std::string_view reference) const {
  const std::size_t colon = reference.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto id = file_id_of(reference.substr(0, colon));
  const Grid* const grid = id ? find(*id) : nullptr;
  if (grid == nullptr) return std::nullopt;
  for (const Grid::Column& column : grid->columns) {
    if (column.uid == reference.substr(colon + 1)) return column.data_json;
  }
  return std::nullopt;
}

std::optional<FileId> file_id_of(std::string_view fid) {
  const std::string_view digits = fid.substr(fid.rfind(':') + 1);  // npos + 1 is 0
  FileId id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return id;
}

}  // namespace plotbridge::endpoint
