// Concern: what was published lies on disk for its owner's eyes alone, whatever the umask is, and
// no link that somebody put in its place is followed.
#include "plugin/disk/private_files.h"

#include "plugin/disk/birth_store.h"
#include "plugin/disk/plot_store.h"
#include "plugin/disk/quarantine.h"
#include "plugin/disk/segment_store.h"

#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <string>

namespace plotbridge::disk {
namespace {

namespace fs = std::filesystem;

class PrivateFiles : public ::testing::TestWithParam<::mode_t> {
 protected:
  PrivateFiles() : umask_(::umask(GetParam())) {}
  ~PrivateFiles() override { ::umask(umask_); }

  static unsigned mode_of(const fs::path& path) {
    return static_cast<unsigned>(fs::symlink_status(path).permissions());
  }
  /// What others may do with anything below `path`, or with itself; nothing, it should be.
  static std::set<std::string> open_below(const std::string& path) {
    std::set<std::string> open;
    const auto look = [&open](const fs::path& at) {
      const unsigned wanted = fs::is_directory(at) ? 0700 : 0600;
      if (mode_of(at) != wanted) open.insert(at.string() + ' ' + std::to_string(mode_of(at)));
    };
    look(path);
    for (const auto& entry : fs::recursive_directory_iterator(path)) look(entry.path());
    return open;
  }

  ::mode_t umask_;
  test::TempDir dir_;
};

TEST_P(PrivateFiles, are_all_that_a_spool_holds) {
  const std::string spool = dir_.path("a/b/spool");
  {
    SpoolOptions options;
    options.directory = spool;
    options.streams = {"boiler"};
    ASSERT_TRUE(SegmentStore::open(options));
    ASSERT_TRUE(BirthStore(spool).save("spBv1.0/g/NBIRTH/e", "birth"));
    ASSERT_TRUE(Quarantine(spool).add("boiler", "why", "{}\n", WallTime{}));
  }
  EXPECT_TRUE(fs::exists(spool + "/quarantine.jsonl"));
  EXPECT_TRUE(fs::exists(spool + "/spool.identity"));
  EXPECT_EQ(open_below(dir_.path("a")), std::set<std::string>{});
}

TEST_P(PrivateFiles, are_the_state_and_all_beside_it) {
  fs::create_directory(dir_.path("state"));
  ::chmod(dir_.path("state").c_str(), 0700);
  const auto store = PlotStore::open(dir_.path("state/plots.db"));
  ASSERT_TRUE(store);
  EXPECT_TRUE(fs::exists(dir_.path("state/plots.db-wal")));
  EXPECT_EQ(open_below(dir_.path("state")), std::set<std::string>{});
}

TEST_P(PrivateFiles, become_so_when_an_older_version_left_them_open) {
  const std::string spool = dir_.path("spool");
  fs::create_directories(spool + "/births");
  ::chmod(spool.c_str(), 0700);
  ::chmod((spool + "/births").c_str(), 0700);
  dir_.write("spool/quarantine.jsonl", "{}\n");
  ::chmod((spool + "/quarantine.jsonl").c_str(), 0640);
  ASSERT_TRUE(BirthStore(spool).save("t", "old"));
  for (const auto& birth : fs::directory_iterator(spool + "/births")) {
    ::chmod(birth.path().c_str(), 0644);
  }
  ASSERT_TRUE(BirthStore(spool).save("t", "new"));
  ASSERT_TRUE(Quarantine(spool).add("boiler", "why", "{}\n", WallTime{}));
  EXPECT_EQ(open_below(spool), std::set<std::string>{});
}

TEST_P(PrivateFiles, are_made_in_directories_of_their_owner) {
  ASSERT_FALSE(make_private_directories(dir_.path("one/two/")));
  EXPECT_EQ(mode_of(dir_.path("one")), 0700U);
  EXPECT_EQ(mode_of(dir_.path("one/two")), 0700U);
  ::chmod(dir_.path("one").c_str(), 0755);
  ASSERT_FALSE(make_private_directories(dir_.path("one/three")));
  EXPECT_EQ(mode_of(dir_.path("one")), 0755U) << "what is there stays as it is";
  EXPECT_TRUE(make_private_directories("/dev/null/below"));
}

INSTANTIATE_TEST_SUITE_P(UnderAnyUmask, PrivateFiles, ::testing::Values(0000, 0022, 0077, 0277));

TEST(PrivateFile, is_never_behind_a_link) {
  const test::TempDir dir;
  const std::string victim = dir.write("victim", "untouched");
  fs::create_symlink(victim, dir.path("link"));
  for (const int flags : {O_RDONLY, O_WRONLY | O_CREAT, O_WRONLY | O_CREAT | O_TRUNC}) {
    EXPECT_EQ(open_private(dir.path("link"), flags), -1);
    EXPECT_EQ(errno, ELOOP);
  }
  EXPECT_EQ(fs::file_size(victim), 9U);
}

TEST(PrivateFile, is_no_link_where_births_are_kept) {
  const test::TempDir dir;
  BirthStore store(dir.path(""));
  ASSERT_TRUE(store.save("t", "p"));
  const fs::path birth = fs::directory_iterator(dir.path("births"))->path();
  fs::create_symlink(birth, dir.path("births/0000000000000000.birth"));
  std::size_t births = 0;
  BirthStore(dir.path("")).load([&](const auto&, const auto&) { ++births; });
  EXPECT_EQ(births, 1U) << "the link is none";
  const std::string victim = dir.write("victim", "untouched");
  fs::create_symlink(victim, dir.path("births/birth.new"));
  EXPECT_FALSE(store.save("t", "q"));
  EXPECT_EQ(fs::file_size(victim), 9U);
}

TEST(PrivateFile, is_no_link_where_the_state_is_kept) {
  const test::TempDir dir;
  const std::string real = dir.path("real.db");
  ASSERT_TRUE(PlotStore::open(real));
  fs::create_symlink(real, dir.path("plots.db"));
  const auto opened = PlotStore::open(dir.path("plots.db"));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("is a symbolic link"), std::string::npos);
  fs::create_symlink(dir.write("victim", "untouched"), dir.path("other.db-wal"));
  EXPECT_FALSE(PlotStore::open(dir.path("other.db")));
  EXPECT_EQ(fs::file_size(dir.path("victim")), 9U);
}

TEST(PrivateFile, may_lie_in_a_directory_that_a_link_names) {
  const test::TempDir dir;
  fs::create_directory(dir.path("real"));
  fs::create_directory_symlink(dir.path("real"), dir.path("named"));
  EXPECT_TRUE(PlotStore::open(dir.path("named/plots.db")));
  EXPECT_TRUE(fs::exists(dir.path("real/plots.db")));
}

}  // namespace
}  // namespace plotbridge::disk
