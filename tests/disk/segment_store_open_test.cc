// Concern: a spool belongs to one process, is refused rather than misread, and leaves alone what is
// not its own.
#include "tests/disk/spool_fixture.h"

#include <sys/stat.h>

namespace plotbridge::disk {
namespace {

class SegmentStoreOpenTest : public SpoolFixture {};

TEST_F(SegmentStoreOpenTest, makes_its_directory_for_its_owner_only) {
  options.directory = folder.path("var/lib/spool");
  store = open();
  append_all(0, 0, 1);
  std::vector<std::filesystem::path> paths = {options.directory};
  for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
    paths.push_back(entry.path());
  }
  EXPECT_EQ(paths.size(), 4U) << "the directory, a segment, the lock, the identity";
  for (const auto& path : paths) {
    struct stat rights {};
    ASSERT_EQ(::stat(path.c_str(), &rights), 0);
    EXPECT_EQ(rights.st_mode & (S_IRWXG | S_IRWXO), 0U) << path;
  }
}

TEST_F(SegmentStoreOpenTest, warns_once_of_a_directory_that_is_open_to_all) {
  const auto told = [this](::mode_t mode) {
    std::filesystem::create_directories(options.directory);
    EXPECT_EQ(::chmod(options.directory.c_str(), mode), 0);
    ::testing::internal::CaptureStderr();
    store = open();
    append_all(0, 0, 1);
    store.reset();
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(told(0700), "");
  EXPECT_EQ(told(0755), "");
  const std::string log = told(0777);
  EXPECT_NE(log.find("chmod 700"), std::string::npos) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

TEST_F(SegmentStoreOpenTest, belongs_to_one_at_a_time) {
  store = open();
  append_all(0, 0, 1);
  const auto second = SegmentStore::open(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kBusy);
  EXPECT_NE(second.error().message.find("in use by another plotbridge"), std::string::npos);
  EXPECT_EQ(append(0, 1), Kept::kYes);
}

TEST_F(SegmentStoreOpenTest, of_a_newer_version_is_refused_and_left_as_it_is) {
  store = open();
  append_all(0, 0, 5);
  store.reset();
  std::string newer;
  append_segment_head({kSpoolVersion + 1, 2, 0}, newer);
  newer += "what only the newer version reads";
  folder.write("spool/00000000000000000002.spool", newer);
  for (const bool has_lock : {true, false}) {
    if (!has_lock) std::filesystem::remove(options.directory + "/spool.lock");
    const auto before = contents(options.directory);
    const auto refused = SegmentStore::open(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
    EXPECT_NE(refused.error().message.find("newer plotbridge"), std::string::npos);
    EXPECT_EQ(contents(options.directory), before);
  }
}

TEST_F(SegmentStoreOpenTest, ignores_files_that_are_not_its_own) {
  std::filesystem::create_directories(options.directory + "/00000000000000000009.spool");
  std::filesystem::create_symlink("/dev/null", options.directory + "/00000000000000000008.spool");
  for (const char* name : {"quarantine.jsonl", "1.spool", "0000000000000000001x.spool",
                           "99999999999999999999.spool", "00000000000000000001.spool.old"}) {
    folder.write("spool/" + std::string(name), "not ours");
  }
  store = open();
  append_all(0, 0, 3);
  store->release(0, 0, 3);
  reopen();
  store->flush();
  const auto files_now = contents(options.directory);
  EXPECT_EQ(files_now.at("quarantine.jsonl"), "not ours");
  EXPECT_EQ(files_now.at("99999999999999999999.spool"), "not ours");
  EXPECT_TRUE(std::filesystem::is_symlink(options.directory + "/00000000000000000008.spool"));
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
}

TEST_F(SegmentStoreOpenTest, is_the_same_producer_with_a_greater_epoch_at_each_start) {
  store = open();
  const std::string producer = store->producer();
  EXPECT_EQ(producer.size(), 36U);
  EXPECT_EQ(producer[14], '4') << "a random UUID";
  EXPECT_EQ(store->epoch(), 1U);
  reopen();
  EXPECT_EQ(store->producer(), producer);
  EXPECT_EQ(store->epoch(), 2U);
}

TEST_F(SegmentStoreOpenTest, with_a_damaged_identity_is_a_new_producer) {
  store = open();
  const std::string producer = store->producer();
  store.reset();
  const std::string good = bytes_of(options.directory + "/spool.identity");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    folder.write("spool/spool.identity", damaged);
    reopen();
    EXPECT_NE(store->producer(), producer) << at;
    EXPECT_EQ(store->epoch(), 1U) << at;
  }
}

TEST_F(SegmentStoreOpenTest, that_cannot_be_made_says_where) {
  folder.write("file", "in the way");
  options.directory = folder.path("file/spool");
  const auto refused = SegmentStore::open(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(refused.error().message.find("file/spool"), std::string::npos);
}

}  // namespace
}  // namespace plotbridge::disk
