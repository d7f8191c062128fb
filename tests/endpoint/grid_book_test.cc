// Concern: a grid costs what its columns take, however many they are, and each keeps its uid.
#include "plugin/endpoint/grid_book.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace plotbridge::endpoint {
namespace {

Grid grid_of(FileId id, const std::vector<std::string>& names) {
  Grid grid;
  grid.id = id;
  grid.owner = "plant";
  grid.name = "table";
  for (const std::string& name : names) grid.columns.push_back({name, {}, "[1]"});
  return grid;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back("c" + std::to_string(1'000'000 + i));
  return names;
}

TEST(GridBook, AColumnKeepsItsUidWhileItsNameStays) {
  GridBook grids;
  const auto before = grids.put(grid_of(1, {"a", "b", "c"})).columns;
  const auto after = grids.put(grid_of(1, {"c", "new", "a"})).columns;
  EXPECT_EQ(after[0].uid, before[2].uid);
  EXPECT_EQ(after[2].uid, before[0].uid);
}

TEST(GridBook, NoUidIsGivenTwice) {
  GridBook grids;
  grids.put(grid_of(1, {"a", "b"}));
  grids.put(grid_of(1, {"b", "c"}));
  const auto columns = grids.put(grid_of(1, {"c", "d", "e"})).columns;
  std::set<std::string> uids;
  for (const auto& column : columns) uids.insert(column.uid);
  EXPECT_EQ(uids.size(), 3U);
}

TEST(GridBook, AReferenceFindsItsColumnWithoutACopy) {
  GridBook grids;
  const Grid& grid = grids.put(grid_of(7, {"a", "b"}));
  const auto found = grids.column("plant:7:" + grid.columns[1].uid);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data(), grid.columns[1].data_json.data());
  for (const char* const reference : {"", "7", "plant:7:", "plant:7:ffffff", "plant:8:000000"}) {
    EXPECT_FALSE(grids.column(reference)) << reference;
  }
}

TEST(GridBook, ReplacingCostsLittleMoreThanItsColumns) {
  const auto comparisons = [](std::size_t count) {
    GridBook grids;
    grids.put(grid_of(1, numbered(count)));
    grids.put(grid_of(1, numbered(count)));
    return grids.comparisons();
  };
  EXPECT_LT(comparisons(40'000), 6 * comparisons(10'000));
  EXPECT_LT(comparisons(40'000), 40'000U * 100);
}

TEST(GridBook, FindingAColumnCostsLittleMoreInALargeGrid) {
  GridBook grids;
  grids.put(grid_of(1, numbered(40'000)));
  const std::uint64_t before = grids.comparisons();
  EXPECT_TRUE(grids.column("plant:1:009c3f"));
  EXPECT_LT(grids.comparisons() - before, 20U);
}

TEST(GridBook, NamesCountAndTheOldestGridGoes) {
  GridBook grids;
  FileId id = 0;
  while (grids.find(1) != nullptr || id == 0) {
    Grid grid = grid_of(++id, {std::string(100'000, 'n')});
    grid.owner = std::string(100'000, 'o');
    grids.put(std::move(grid));
    ASSERT_LT(id, 200U) << "nothing goes";
  }
  EXPECT_EQ(grids.count(), id - 1);
  EXPECT_LE(grids.bytes(), GridBook::kMaxBytes);
  std::size_t held = 0;
  grids.each([&held](const Grid& grid) { held += grid.bytes(); });
  EXPECT_EQ(grids.bytes(), held);
}

}  // namespace
}  // namespace plotbridge::endpoint
