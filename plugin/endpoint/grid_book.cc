#include "plugin/endpoint/grid_book.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <numeric>
#include <system_error>
#include <utility>

namespace plotbridge::endpoint {
namespace {

// Six hexadecimal digits, as Chart Studio's.
std::string uid_of(std::size_t number) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string uid(6, '0');
  for (std::size_t i = uid.size(); i > 0 && number > 0; number /= 16) uid[--i] = kHex[number % 16];
  return uid;
}

// The first number of which no column has the uid.
std::size_t next_number(const Grid& grid) {
  std::size_t next = 0;
  for (const Grid::Column& column : grid.columns) {
    std::size_t number = 0;
    const char* const end = column.uid.data() + column.uid.size();
    const auto parsed = std::from_chars(column.uid.data(), end, number, 16);
    if (parsed.ec == std::errc() && parsed.ptr == end) next = std::max(next, number + 1);
  }
  return next;
}

using Indices = std::vector<std::uint32_t>;

// The columns in the order of one of their texts, equal ones in their own.
template <class TextOf>
Indices sorted_by(const Grid& grid, TextOf text_of, std::uint64_t& comparisons) {
  Indices indices(grid.columns.size());
  std::iota(indices.begin(), indices.end(), 0U);
  std::ranges::sort(indices, [&](std::uint32_t a, std::uint32_t b) {
    ++comparisons;
    const int order = text_of(grid.columns[a]).compare(text_of(grid.columns[b]));
    return order != 0 ? order < 0 : a < b;
  });
  return indices;
}

// The first of the columns, sorted so, with this text; null: there is none.
template <class TextOf>
const Grid::Column* find_in(const Grid& grid, const Indices& sorted, std::string_view wanted,
                            TextOf text_of, std::uint64_t& comparisons) {
  const auto found = std::ranges::lower_bound(
      sorted, wanted,
      [&comparisons](std::string_view a, std::string_view b) {
        ++comparisons;
        return a < b;
      },
      [&](std::uint32_t index) { return text_of(grid.columns[index]); });
  if (found == sorted.end() || text_of(grid.columns[*found]) != wanted) return nullptr;
  return &grid.columns[*found];
}

std::string_view name_of(const Grid::Column& column) { return column.name; }
std::string_view uid_in(const Grid::Column& column) { return column.uid; }

}  // namespace

std::size_t Grid::bytes() const {
  std::size_t bytes = kBytes + owner.size() + name.size();
  for (const Column& column : columns) bytes += bytes_of(column);
  return bytes;
}

void GridBook::name_columns(Grid& grid, const Grid* old) {
  std::size_t next = 0;
  if (old != nullptr) {
    const Indices by_name = sorted_by(*old, name_of, comparisons_);
    for (Grid::Column& column : grid.columns) {
      const auto* same = find_in(*old, by_name, column.name, name_of, comparisons_);
      if (same != nullptr) column.uid = same->uid;
    }
    next = next_number(*old);
  }
  for (Grid::Column& column : grid.columns) {
    if (column.uid.empty()) column.uid = uid_of(next++);
  }
}

const Grid& GridBook::put(Grid grid) {
  const auto old = by_id_.find(grid.id);
  name_columns(grid, old == by_id_.end() ? nullptr : old->second->grid.get());
  if (old != by_id_.end()) drop(old->second);
  bytes_ += grid.bytes();
  tell(grid.id);
  Indices by_uid = sorted_by(grid, uid_in, comparisons_);
  grids_.push_back({std::make_shared<const Grid>(std::move(grid)), std::move(by_uid)});
  const auto made = std::prev(grids_.end());
  by_id_.emplace(made->grid->id, made);
  by_name_.emplace(made->grid->owner, made->grid->name, made->grid->id);
  while (bytes_ > kMaxBytes && grids_.size() > 1) {
    const FileId oldest = grids_.front().grid->id;
    drop(grids_.begin());
    tell(oldest);
  }
  return *made->grid;
}

void GridBook::drop(Grids::iterator kept) {
  bytes_ -= kept->grid->bytes();
  by_id_.erase(kept->grid->id);
  by_name_.erase({kept->grid->owner, kept->grid->name, kept->grid->id});
  grids_.erase(kept);
}

void GridBook::remove(FileId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return;
  drop(found->second);
  tell(id);
}

const Grid* GridBook::find(FileId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second->grid.get();
}

const Grid* GridBook::find(std::string_view owner, std::string_view name) const {
  const auto found = by_name_.lower_bound({owner, name, 0});
  if (found == by_name_.end() || std::get<0>(*found) != owner || std::get<1>(*found) != name) {
    return nullptr;
  }
  return find(std::get<FileId>(*found));
}

std::optional<std::string_view> GridBook::column(std::string_view reference) const {
  const std::size_t colon = reference.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto id = file_id_of(reference.substr(0, colon));
  const auto kept = id ? by_id_.find(*id) : by_id_.end();
  if (kept == by_id_.end()) return std::nullopt;
  const auto* found = find_in(*kept->second->grid, kept->second->by_uid,
                              reference.substr(colon + 1), uid_in, comparisons_);
  return found == nullptr ? std::nullopt : std::optional<std::string_view>(found->data_json);
}

std::optional<FileId> file_id_of(std::string_view fid) {
  const std::string_view digits = fid.substr(fid.rfind(':') + 1);  // npos + 1 is 0
  FileId id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return id;
}

}  // namespace plotbridge::endpoint
