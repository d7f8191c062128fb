// The state's file in a folder of its own, for the tests of what is in it and of whose it is.
#pragma once

#include "plugin/disk/plot_store.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace plotbridge::disk {

class StateFixture : public ::testing::Test {
 protected:
  std::unique_ptr<PlotStore> open() const {
    auto store = PlotStore::open(path);
    if (!store) ADD_FAILURE() << store.error().message;
    return store ? *std::move(store) : nullptr;
  }
  static endpoint::StateChanges first_changes() {
    endpoint::StateChanges changes;
    changes.batch = 1;
    changes.entries = "1 2\na{}";
    changes.files = {{7, 1, "seven"}, {8, 1, std::string("ei\0ght", 6)}};
    return changes;
  }
  std::string bytes() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  /// By SQLite alone.
  void sql(const char* text) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, text, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  test::TempDir folder;
  std::string path = folder.path("plots.db");
};

}  // namespace plotbridge::disk
