// Concern: a state file of an older version becomes one of this with all that is in it, one of a
// newer version is left as it is.
#include "tests/disk/state_fixture.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace plotbridge::disk {
namespace {

using endpoint::SavedState;
using endpoint::StateChanges;

using PlotStoreVersionsTest = StateFixture;

TEST_F(PlotStoreVersionsTest, of_a_newer_version_is_refused_and_left_as_it_is) {
  open()->commit(first_changes());
  sql("PRAGMA user_version=4");
  const std::string before = bytes();
  const auto refused = PlotStore::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
  EXPECT_NE(refused.error().message.find("newer"), std::string::npos);
  EXPECT_EQ(bytes(), before);
}

TEST_F(PlotStoreVersionsTest, of_version_1_becomes_one_of_this) {
  sql("CREATE TABLE files(id INTEGER PRIMARY KEY, through INTEGER NOT NULL, record BLOB NOT NULL);"
      "CREATE TABLE lines(batch INTEGER PRIMARY KEY, entries BLOB NOT NULL);"
      "PRAGMA application_id=1886151282; PRAGMA user_version=1;"
      "INSERT INTO files VALUES(7, 1, 'seven'); INSERT INTO lines VALUES(2, '1 2' || char(10));");
  {
    const auto store = open();
    const SavedState saved = store->take_saved();
    ASSERT_EQ(saved.files.size(), 1U);
    EXPECT_EQ(saved.files[0].record, "seven");
    ASSERT_EQ(saved.lines.size(), 1U);
    EXPECT_TRUE(saved.positions.empty());
    StateChanges changes;
    changes.positions = {{{"a", "bridge"}, 1, "0-2"}};
    ASSERT_TRUE(store->commit(changes));
  }
  EXPECT_EQ(open()->take_saved().positions.size(), 1U);
  EXPECT_EQ(open()->take_saved().files.size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(path + ".damaged-1"));
}

// It had the number of the line that was wanted next.
TEST_F(PlotStoreVersionsTest, of_version_2_becomes_one_of_this_with_its_positions) {
  sql("CREATE TABLE files(id INTEGER PRIMARY KEY, through INTEGER NOT NULL, record BLOB NOT NULL);"
      "CREATE TABLE lines(batch INTEGER PRIMARY KEY, entries BLOB NOT NULL);"
      "CREATE TABLE positions(token BLOB NOT NULL, producer BLOB NOT NULL, epoch INTEGER NOT NULL,"
      " next INTEGER NOT NULL, used INTEGER NOT NULL, PRIMARY KEY(token, producer)) WITHOUT ROWID;"
      "PRAGMA application_id=1886151282; PRAGMA user_version=2;"
      "INSERT INTO files VALUES(7, 1, 'seven');"
      "INSERT INTO positions VALUES(x'61', x'70', 4294967295, 1234567890123, 2),"
      " (x'62', x'70', 3, 0, 1);");
  for (int run = 0; run < 2; ++run) {
    const SavedState saved = open()->take_saved();
    ASSERT_EQ(saved.files.size(), 1U);
    ASSERT_EQ(saved.positions.size(), 2U);
    EXPECT_EQ(saved.positions[0].key.token, "b");
    EXPECT_EQ(saved.positions[0].key.producer, "p");
    EXPECT_EQ(saved.positions[0].epoch, 3U);
    EXPECT_EQ(saved.positions[0].have, "");
    EXPECT_EQ(saved.positions[1].epoch, 4'294'967'295U);
    EXPECT_EQ(saved.positions[1].have, "0-1234567890123");
  }
  {
    const auto store = open();
    StateChanges changes;
    changes.positions = {{{"a", "p"}, 5, "0-7,9-10"}};
    ASSERT_TRUE(store->commit(changes));
  }
  EXPECT_EQ(open()->take_saved().positions[1].have, "0-7,9-10");
  EXPECT_FALSE(std::filesystem::exists(path + ".damaged-1"));
}

TEST_F(PlotStoreVersionsTest, of_version_1_is_left_as_it_is_when_another_process_has_it) {
  sql("CREATE TABLE files(id INTEGER PRIMARY KEY, through INTEGER NOT NULL, record BLOB NOT NULL);"
      "CREATE TABLE lines(batch INTEGER PRIMARY KEY, entries BLOB NOT NULL);"
      "PRAGMA application_id=1886151282; PRAGMA user_version=1; PRAGMA journal_mode=WAL;");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", nullptr,
                         nullptr, nullptr),
            SQLITE_OK);
  const auto refused = PlotStore::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kBusy);
  sqlite3_close(other);
}

}  // namespace
}  // namespace plotbridge::disk
