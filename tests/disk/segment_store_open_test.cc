// Concern: a spool belongs to one process, is refused rather than misread, and leaves alone what is
// not its own.
#include "plugin/base/crc32c.h"

#include "tests/disk/spool_fixture.h"

#include <sys/stat.h>

#include <cstdio>

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
  EXPECT_EQ(append(0, 1), AppendResult::kYes);
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

TEST_F(SegmentStoreOpenTest, of_the_version_that_was_never_released_is_refused_and_left_as_it_is) {
  std::string older;
  append_segment_head({1, 7, 0}, older);
  append_record({RecordType::kLine, stream_key("boiler"), 7, 0, "{\"y\":7}\n"}, older);
  std::filesystem::create_directories(options.directory);
  folder.write("spool/00000000000000000007.spool", older);
  for (const bool among_ours : {false, true}) {
    if (among_ours) {
      std::string ours;
      append_segment_head({kSpoolVersion, 1, 0}, ours);
      folder.write("spool/00000000000000000001.spool", ours);
    }
    const auto before = contents(options.directory);
    const auto refused = SegmentStore::open(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(refused.error().message,
              "the spool " + options.directory + " has the format of an unreleased plotbridge (" +
                  options.directory +
                  "/00000000000000000007.spool has version 1; this one reads 2): empty the "
                  "directory, or name another spool.directory");
    EXPECT_EQ(contents(options.directory), before) << "not even a lock";
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
  store->resolve(0, {0, 3});
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

TEST_F(SegmentStoreOpenTest, remembers_whether_the_endpoint_acknowledges) {
  const auto reopen_with = [this](auto save) {
    save();
    reopen();
    return store->endpoint_acknowledges();
  };
  const std::string identity = options.directory + "/spool.identity";
  store = open();
  const std::string producer = store->producer();
  EXPECT_FALSE(store->endpoint_acknowledges());
  store->note_endpoint_acknowledges(true);
  EXPECT_TRUE(store->endpoint_acknowledges()) << "in this run, too";
  EXPECT_FALSE(reopen_with([] {})) << "a sudden end before it was written down";
  store->note_endpoint_acknowledges(true);
  EXPECT_TRUE(reopen_with([this] { store->flush(); }));
  EXPECT_NE(bytes_of(identity).find("\nendpoint_acknowledges 1\ncrc32c"), std::string::npos);
  EXPECT_TRUE(reopen_with([] {})) << "it stays so";
  store->note_endpoint_acknowledges(false);
  EXPECT_FALSE(reopen_with([this] { store->on_clock_tick({TimePoint(), kNoon}); }));
  EXPECT_EQ(bytes_of(identity).find("endpoint"), std::string::npos);
  EXPECT_EQ(store->producer(), producer);
  EXPECT_EQ(store->epoch(), 5U);
}

TEST_F(SegmentStoreOpenTest, reads_an_identity_with_and_without_each_line) {
  const std::string least =
      "plotbridge spool identity 1\nproducer 0d4ba6a4-6ab2-4a09-8d54-3b5c1b7b2a55\nepoch 3\n";
  const auto read = [&](const std::string& more) {
    char checksum[32];
    std::snprintf(checksum, sizeof checksum, "crc32c %08x\n", crc32c(least + more));
    const auto kept = parse_identity(least + more + checksum);
    return kept ? kept->identity : std::nullopt;
  };
  ASSERT_TRUE(read(""));
  EXPECT_FALSE(read("")->endpoint_acknowledges);
  EXPECT_TRUE(read("endpoint_acknowledges 1\n")->endpoint_acknowledges);
  EXPECT_FALSE(read("endpoint_acknowledges 0\n")->endpoint_acknowledges);
  const auto both = read("clock_behind_ms 7\nendpoint_acknowledges 1\n");
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->endpoint_acknowledges);
  EXPECT_EQ(both->clock_behind.count(), 7);
  EXPECT_FALSE(read("endpoint_acknowledges 2\n"));
  EXPECT_FALSE(read("endpoint_acknowledges yes\n"));
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
