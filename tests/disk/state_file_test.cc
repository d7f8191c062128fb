// Concern: the file of the state is ours alone, or refused and left as it is.
#include "tests/disk/state_fixture.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace plotbridge::disk {
namespace {

using StateFileTest = StateFixture;

TEST_F(StateFileTest, that_has_another_name_is_refused) {
  ASSERT_TRUE(open()->commit(first_changes()));
  std::filesystem::create_hard_link(path, folder.path("by_another_name"));
  const auto refused = PlotStore::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
  EXPECT_NE(refused.error().message.find("has another name (it is a hard link)"), std::string::npos)
      << refused.error().message;
  std::filesystem::remove(folder.path("by_another_name"));
  EXPECT_EQ(open()->take_saved().files.size(), 2U);
}

TEST_F(StateFileTest, that_belongs_to_another_user_is_refused) {
  ASSERT_TRUE(open()->commit(first_changes()));
  if (::chown(path.c_str(), 12345, static_cast<::gid_t>(-1)) != 0) GTEST_SKIP() << "not root";
  const auto refused = PlotStore::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
  EXPECT_NE(refused.error().message.find("belongs to another user (uid 12345): chown it"),
            std::string::npos)
      << refused.error().message;
}

TEST_F(StateFileTest, that_is_another_file_is_refused_and_left_as_it_is) {
  for (const std::string text : {"version: 1\n# the only copy of a configuration\n", "x"}) {
    folder.write("plots.db", text);
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    const auto refused = PlotStore::open(path);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
    EXPECT_NE(refused.error().message.find("is not a state file: name another"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(bytes(), text);
    EXPECT_FALSE(std::filesystem::exists(path + ".damaged-1"));
    struct stat rights {};
    ASSERT_EQ(::stat(path.c_str(), &rights), 0);
    EXPECT_EQ(rights.st_mode & 0777U, 0644U);
  }
}

TEST_F(StateFileTest, that_is_a_database_of_something_else_is_refused_and_keeps_its_mode) {
  for (const char* text : {"PRAGMA application_id=7; CREATE TABLE t(a)", "PRAGMA application_id=7",
                           "PRAGMA application_id=7; CREATE TABLE t(a); PRAGMA writable_schema=1;"
                           "UPDATE sqlite_schema SET sql='rubbish'",
                           "CREATE TABLE t(a)"}) {
    std::filesystem::remove(path);
    sql(text);
    ASSERT_EQ(::chmod(path.c_str(), 0664), 0);
    const std::string before = bytes();
    const auto refused = PlotStore::open(path);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid) << refused.error().message;
    EXPECT_EQ(bytes(), before) << text;
    struct stat rights {};
    ASSERT_EQ(::stat(path.c_str(), &rights), 0);
    EXPECT_EQ(rights.st_mode & 0777U, 0664U) << text;
  }
}

// SQLite would write the log into the file, or roll the journal back, only by looking at it.
TEST_F(StateFileTest, that_is_a_database_of_something_else_which_crashed_is_not_touched) {
  for (const char* text :
       {"PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)",
        "PRAGMA application_id=7; PRAGMA journal_mode=WAL; CREATE TABLE t(a)",
        "CREATE TABLE t(a); INSERT INTO t VALUES(1); PRAGMA cache_size=1;"
        "BEGIN; UPDATE t SET a=randomblob(100000); INSERT INTO t SELECT * FROM t;"
        "INSERT INTO t SELECT * FROM t"}) {
    std::filesystem::remove(path);
    const pid_t crashes = ::fork();
    ASSERT_GE(crashes, 0);
    if (crashes == 0) {
      sqlite3* database = nullptr;
      sqlite3_open(path.c_str(), &database);
      sqlite3_exec(database, text, nullptr, nullptr, nullptr);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(crashes, &status, 0), crashes);
    const bool has_log = std::filesystem::exists(path + "-wal");
    ASSERT_TRUE(has_log || std::filesystem::exists(path + "-journal")) << text;
    const std::string before = bytes();
    const auto refused = PlotStore::open(path);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid) << refused.error().message;
    EXPECT_EQ(bytes(), before) << text;
    const std::string log = path + (has_log ? "-wal" : "-journal");
    EXPECT_TRUE(std::filesystem::exists(log)) << text;
    std::filesystem::remove(log);
    std::filesystem::remove(path + "-shm");
  }
}

TEST_F(StateFileTest, of_a_run_that_was_killed_at_once_is_known_again) {
  const pid_t crashes = ::fork();
  ASSERT_GE(crashes, 0);
  if (crashes == 0) {
    const auto store = PlotStore::open(path);
    ::_exit(store && (*store)->commit(first_changes()) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(crashes, &status, 0), crashes);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(open()->take_saved().files.size(), 2U);
}

TEST_F(StateFileTest, of_an_older_run_becomes_its_owners_alone) {
  ASSERT_TRUE(open()->commit(first_changes()));
  ASSERT_EQ(::chmod(path.c_str(), 0664), 0);
  ASSERT_TRUE(open());
  struct stat rights {};
  ASSERT_EQ(::stat(path.c_str(), &rights), 0);
  EXPECT_EQ(rights.st_mode & 0777U, 0600U);
}

TEST_F(StateFileTest, with_a_pipe_beside_it_is_refused) {
  ASSERT_TRUE(open()->commit(first_changes()));
  for (const char* ending : {"-wal", "-journal"}) {
    ASSERT_EQ(::mkfifo((path + ending).c_str(), 0600), 0);
    const auto refused = PlotStore::open(path);
    std::filesystem::remove(path + ending);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid) << refused.error().message;
  }
}

}  // namespace
}  // namespace plotbridge::disk
