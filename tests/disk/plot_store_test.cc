// Concern: the state file keeps whole transactions, belongs to one process, and is refused or put
// aside rather than misread.
#include "tests/disk/state_fixture.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace plotbridge::disk {
namespace {

using endpoint::SavedState;
using endpoint::StateChanges;

using PlotStoreTest = StateFixture;

TEST_F(PlotStoreTest, keeps_transactions) {
  {
    const auto store = open();
    EXPECT_TRUE(store->take_saved().files.empty());
    ASSERT_TRUE(store->commit(first_changes()));
    StateChanges next;
    next.batch = 2;
    next.entries = "1 2\nb{}";
    next.files = {{8, 2, "another eight"}};
    next.gone = {7};
    next.forget_before = 2;
    ASSERT_TRUE(store->commit(next));
    EXPECT_GT(store->bytes(), 0U);
  }
  const SavedState saved = open()->take_saved();
  ASSERT_EQ(saved.files.size(), 1U);
  EXPECT_EQ(saved.files[0].id, 8U);
  EXPECT_EQ(saved.files[0].through, 2U);
  EXPECT_EQ(saved.files[0].record, "another eight");
  ASSERT_EQ(saved.lines.size(), 1U);
  EXPECT_EQ(saved.lines[0].batch, 2U);
  EXPECT_EQ(saved.lines[0].entries, "1 2\nb{}");
}

TEST_F(PlotStoreTest, is_readable_by_its_owner_only) {
  open()->commit(first_changes());
  for (const auto& entry : std::filesystem::directory_iterator(folder.path(""))) {
    struct stat rights {};
    ASSERT_EQ(::stat(entry.path().c_str(), &rights), 0);
    EXPECT_EQ(rights.st_mode & (S_IRWXG | S_IRWXO), 0U) << entry.path();
  }
}

TEST_F(PlotStoreTest, makes_its_directory) {
  const std::string inside = folder.path("var/lib/plots.db");
  ASSERT_TRUE(PlotStore::open(inside));
  struct stat rights {};
  ASSERT_EQ(::stat(folder.path("var/lib").c_str(), &rights), 0);
  EXPECT_EQ(rights.st_mode & (S_IRWXG | S_IRWXO), 0U);
}

TEST_F(PlotStoreTest, belongs_to_one_at_a_time) {
  const auto first = open();
  const auto second = PlotStore::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kBusy);
  EXPECT_TRUE(first->commit(first_changes()));
}

// Both find a file that is new and lock it.
TEST_F(PlotStoreTest, is_opened_by_one_of_two_processes_that_start_at_once) {
  for (int round = 0; round < 40; ++round) {
    const std::string file = folder.path("new" + std::to_string(round));
    std::array<int, 2> start{};
    std::array<int, 2> told{};
    ASSERT_EQ(::pipe(start.data()) | ::pipe(told.data()), 0);
    std::array<pid_t, 2> children{};
    for (pid_t& child : children) {
      child = ::fork();
      if (child > 0) continue;
      char byte = 0;
      ::close(start[1]);
      static_cast<void>(::read(start[0], &byte, 1));  // until it is closed
      const auto store = PlotStore::open(file);
      byte = store ? 'o' : store.error().kind == ErrorKind::kBusy ? 'b' : 'f';
      static_cast<void>(::write(told[1], &byte, 1));
      ::_exit(::pause());
    }
    ::close(start[0]);
    ::close(start[1]);
    std::string results(2, '?');
    EXPECT_EQ(::read(told[0], &results[0], 1) + ::read(told[0], &results[1], 1), 2);
    for (const pid_t child : children) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    ::close(told[0]);
    ::close(told[1]);
    std::ranges::sort(results);
    EXPECT_EQ(results, "bo");
  }
}

TEST_F(PlotStoreTest, keeps_positions_with_what_they_count) {
  {
    const auto store = open();
    StateChanges changes = first_changes();
    changes.positions = {{{"a", "bridge"}, 4'294'967'295U, "0-5,7-9223372036854775807"},
                         {{"a", "other"}, 1, "0-2"},
                         {{"b", "bridge"}, 1, ""}};
    ASSERT_TRUE(store->commit(changes));
    StateChanges next;
    next.batch = 2;
    next.positions = {{{"b", "bridge"}, 2, "3-4"}, {{"c", "bridge"}, 1, ""}};
    next.gone_positions = {{"a", "other"}, {"c", "bridge"}};
    ASSERT_TRUE(store->commit(next));
  }
  const SavedState saved = open()->take_saved();
  ASSERT_EQ(saved.positions.size(), 3U);
  EXPECT_EQ(saved.positions[0].key.producer, "bridge");
  EXPECT_EQ(saved.positions[0].epoch, 4'294'967'295U);
  EXPECT_EQ(saved.positions[0].have, "0-5,7-9223372036854775807");
  EXPECT_EQ(saved.positions[1].key.token, "b");
  EXPECT_EQ(saved.positions[1].epoch, 2U);
  EXPECT_EQ(saved.positions[1].have, "3-4");
  EXPECT_EQ(saved.positions[2].key.token, "c");
  EXPECT_EQ(saved.positions[2].have, "");
}

TEST_F(PlotStoreTest, keeps_nothing_of_a_transaction_that_did_not_end) {
  open()->commit(first_changes());
  {
    const auto store = open();
    StateChanges part;
    part.batch = 2;
    part.files = {{7, 2, "another seven"}};
    part.whole = false;
    ASSERT_TRUE(store->commit(part));
  }
  {
    const auto store = open();
    EXPECT_EQ(store->take_saved().files[0].record, "seven");
    StateChanges part;
    part.batch = 2;
    part.files = {{7, 2, "another seven"}};
    part.whole = false;
    ASSERT_TRUE(store->commit(part));
    StateChanges rest;
    rest.batch = 3;
    rest.positions = {{{"a", "bridge"}, 1, "0-2"}};
    ASSERT_TRUE(store->commit(rest));
  }
  const SavedState saved = open()->take_saved();
  EXPECT_EQ(saved.files[0].record, "another seven");
  EXPECT_EQ(saved.positions.size(), 1U);
}

TEST_F(PlotStoreTest, keeps_positions_also_when_the_clock_was_set_by_years) {
  {
    const auto store = open();
    StateChanges changes;
    changes.positions = {{{"a", "before"}, 1, "0-2"}, {{"a", "after"}, 1, "0-3"}};
    ASSERT_TRUE(store->commit(changes));
  }
  sql("UPDATE positions SET used = 3600 WHERE producer = x'6265666f7265'");
  const SavedState saved = open()->take_saved();
  ASSERT_EQ(saved.positions.size(), 2U);
  EXPECT_EQ(saved.positions[0].key.producer, "before") << "those used last come last";
}

TEST_F(PlotStoreTest, does_not_give_the_number_of_what_is_gone_again) {
  {
    const auto store = open();
    StateChanges made;
    made.files = {{1, 0, "one"}, {2, 0, "two"}, {3, 0, "three"}};
    ASSERT_TRUE(store->commit(made));
    StateChanges removed;
    removed.gone = {2, 3, 4};  // the last was never written
    ASSERT_TRUE(store->commit(removed));
  }
  {
    const auto store = open();
    const SavedState saved = store->take_saved();
    ASSERT_EQ(saved.files.size(), 2U);
    EXPECT_EQ(saved.files[1].id, 4U);
    EXPECT_EQ(saved.files[1].record, "");
    StateChanges more;
    more.files = {{5, 0, "five"}};
    more.gone = {4};
    ASSERT_TRUE(store->commit(more));
  }
  const SavedState saved = open()->take_saved();
  ASSERT_EQ(saved.files.size(), 2U) << "once there is a greater one, it goes";
  EXPECT_EQ(saved.files[1].record, "five");
}

TEST_F(PlotStoreTest, of_another_program_is_refused) {
  sql("CREATE TABLE recipes(id INTEGER)");
  const auto refused = PlotStore::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
}

TEST_F(PlotStoreTest, that_is_damaged_is_put_aside) {
  folder.write("plots.db", std::string("SQLite format 3\0", 16) +
                               "and then nothing of the kind, however long it is looked at" +
                               std::string(500, '!'));
  EXPECT_TRUE(open()->commit(first_changes()));
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged-1"));
  EXPECT_EQ(open()->take_saved().files.size(), 2U);

  // Damage within: every byte of some page behind the first.
  StateChanges large = first_changes();
  large.files[0].record = std::string(100'000, 'x');
  open()->commit(large);
  std::string damaged = bytes();
  ASSERT_GT(damaged.size(), 40'000U);
  std::fill(damaged.begin() + 4096, damaged.begin() + 5 * 4096, '\xff');
  folder.write("plots.db", damaged);
  EXPECT_TRUE(open()->commit(first_changes()));
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged-2"));
}

TEST_F(PlotStoreTest, of_zeros_is_what_a_power_cut_left_and_put_aside) {
  folder.write("plots.db", std::string(8192, '\0'));
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_TRUE(open()->commit(first_changes()));
  const auto aside = std::filesystem::status(path + ".damaged-1");
  EXPECT_EQ(aside.permissions(), std::filesystem::perms(0600)) << "there are tokens in it";
}

TEST_F(PlotStoreTest, that_cannot_be_written_says_so_and_goes_on_when_it_can) {
  const auto store = open();
  ASSERT_TRUE(store->commit(first_changes()));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  StateChanges large;
  large.batch = 2;
  // More than SQLite's cache holds: it fails before the end of the transaction.
  large.files = {{9, 2, std::string(4'000'000, 'x')}, {10, 2, std::string(4'000'000, 'x')}};
  const auto refused = store->commit(large);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("disk I/O error"), std::string::npos)
      << refused.error().message;
  EXPECT_TRUE(store->commit(large));
}

// A crash leaves the log beside the file, which the next start reads; on a full disk, too.
TEST_F(PlotStoreTest, is_opened_on_a_full_disk_after_a_crash) {
  ASSERT_TRUE(open()->commit(first_changes()));
  sql("PRAGMA wal_checkpoint");
  const pid_t crashes = ::fork();
  ASSERT_GE(crashes, 0);
  if (crashes == 0) {
    auto store = PlotStore::open(path);
    StateChanges more;
    more.batch = 2;
    more.files = {{9, 2, "nine"}};
    ::_exit(store && (*store)->commit(more) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(crashes, &status, 0), crashes);
  ASSERT_EQ(status, 0);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  auto store = PlotStore::open(path);
  StateChanges last;
  last.batch = 3;
  last.files = {{10, 3, "ten"}};
  const bool refused = store && !(*store)->commit(last);
  const auto none_yet = PlotStore::open(folder.path("none yet"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->take_saved().files.size(), 3U);
  EXPECT_TRUE(refused);
  EXPECT_TRUE((*store)->commit(last));
  ASSERT_FALSE(none_yet);
  EXPECT_EQ(none_yet.error().kind, ErrorKind::kDiskFails) << none_yet.error().message;
}

TEST_F(PlotStoreTest, whose_directory_may_not_be_written_is_no_failing_disk) {
  ASSERT_TRUE(open()->commit(first_changes()));
  const std::string directory = std::filesystem::path(path).parent_path().string();
  constexpr ::uid_t kNobody = 65534;
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(path.c_str(), kNobody, static_cast<::gid_t>(-1)), 0);
    ASSERT_EQ(::chown(directory.c_str(), kNobody, static_cast<::gid_t>(-1)), 0);
  }
  ASSERT_EQ(::chmod(directory.c_str(), 0500), 0);
  ASSERT_EQ(is_root ? ::seteuid(kNobody) : 0, 0);
  const auto refused = PlotStore::open(path);
  ASSERT_EQ(is_root ? ::seteuid(0) : 0, 0);
  ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable) << refused.error().message;
}

TEST_F(PlotStoreTest, that_cannot_be_made_says_where) {
  std::ofstream(folder.path("no folder")) << "but a file";
  path = folder.path("no folder/plots.db");
  const auto refused = PlotStore::open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find(path), std::string::npos);
}

}  // namespace
}  // namespace plotbridge::disk
