// Concern: a disk that is full, fails or loses its power costs no line of which the spool said that
// it has it, and the spool goes on by itself when the disk does.
#include "tests/disk/faulty_files.h"
#include "tests/disk/spool_fixture.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::disk {
namespace {

class SegmentStoreFailureTest : public SpoolFixture {
 protected:
  SegmentStoreFailureTest() {
    files = &faulty;
    options.pause = Duration(0);
  }

  FaultyFiles faulty;
};

TEST_F(SegmentStoreFailureTest, full_disk_is_told_and_used_again_when_there_is_room) {
  store = open();
  append_all(0, 0, 3);
  faulty.is_full = true;
  EXPECT_EQ(append(0, 3), AppendResult::kFailed);
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  store->resolve(0, {0, 1});
  EXPECT_FALSE(store->reserve(0, 50));
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{1, 2})) << "what is there can be read";
  faulty.is_full = false;
  ASSERT_EQ(append(0, 5), AppendResult::kYes);
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  store->flush();
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{1, 2, 5}));
  EXPECT_EQ(store->recovered(0).end, 6U);
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U) << "no half of a record stays";
}

TEST_F(SegmentStoreFailureTest, part_of_a_batch_that_found_a_full_disk_is_told) {
  options.capacity = 512 << 10;  // files of 64 KiB
  class FullLater : public FaultyFiles {
   public:
    ssize_t pwrite(int file, const char* bytes, std::size_t size, off_t at) override {
      is_full = --writes_left < 0;
      return FaultyFiles::pwrite(file, bytes, size, at);
    }
    int writes_left = 1 << 20;
  } full_later;
  files = &full_later;
  store = open();
  std::vector<std::string> texts;
  std::vector<NewLine> batch;
  for (std::uint64_t offset = 0; offset < 400; ++offset) texts.push_back(text_of(offset, 500));
  for (std::uint64_t offset = 0; offset < 400; ++offset) {
    batch.push_back({0, offset, texts[offset], kNoon});
  }
  full_later.writes_left = 4;  // two heads, and what is behind them
  const auto appended = store->append(batch);
  EXPECT_EQ(appended.rest, AppendResult::kFailed);
  EXPECT_GT(appended.lines, 200U);
  EXPECT_LT(appended.lines, 300U);
  EXPECT_EQ(offsets_of(*store, 0).size(), appended.lines);
  full_later.writes_left = 1 << 20;
  EXPECT_EQ(store->append(std::span(batch).subspan(appended.lines)).rest, AppendResult::kYes);
  reopen();
  EXPECT_EQ(offsets_of(*store, 0).size(), 400U);
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
}

TEST_F(SegmentStoreFailureTest, what_was_resolved_while_the_disk_was_full_is_written_later) {
  store = open();
  append_all(0, 0, 10);
  faulty.is_full = true;
  store->resolve(0, {0, 2});
  store->flush();
  store->resolve(0, {4, 5});
  store->resolve(0, {20, 21});
  store->flush();
  faulty.is_full = false;
  store->flush();
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{2, 3, 5, 6, 7, 8, 9}));
  EXPECT_EQ(store->recovered(0).end, 21U);
}

TEST_F(SegmentStoreFailureTest, file_that_cannot_be_deleted_keeps_its_lines_and_those_behind_it) {
  options.capacity = 128 << 10;
  store = open();
  append_all(0, 0, 1000);
  faulty.is_read_only = true;
  EXPECT_TRUE(store->drop_oldest().empty());
  EXPECT_TRUE(store->expire(kNoon + std::chrono::hours(1000)).empty());
  EXPECT_EQ(store->gauges(kNoon).dropped, 0U);
  EXPECT_EQ(offsets_of(*store, 0).size(), 1000U);
  faulty.is_read_only = false;
  EXPECT_GT(count_of(store->drop_oldest()), 0U);
  EXPECT_EQ(count_of(store->expire(kNoon + std::chrono::hours(1000))),
            offsets_of(*store, 0).size());
}

TEST_F(SegmentStoreFailureTest, failing_disk_is_left_alone_for_a_while) {
  options.pause = std::chrono::hours(1);
  store = open();
  faulty.is_full = true;
  EXPECT_EQ(append(0, 0), AppendResult::kFailed);
  const int before = faulty.operations;
  EXPECT_EQ(append(0, 1), AppendResult::kFailed);
  EXPECT_FALSE(store->reserve(0, 10));
  store->note_endpoint_acknowledges(true);
  store->resolve(0, {0, 1});
  store->flush();
  EXPECT_EQ(faulty.operations, before + 1) << "the identity is tried once";
  store->flush();
  EXPECT_EQ(faulty.operations, before + 1);
}

TEST_F(SegmentStoreFailureTest, start_on_a_full_disk_gives_what_is_there) {
  store = open();
  append_all(0, 0, 3);
  faulty.is_full = true;
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2}));
  EXPECT_EQ(append(0, 3), AppendResult::kFailed);
  faulty.is_full = false;
  EXPECT_EQ(append(0, 4), AppendResult::kYes);
}

TEST_F(SegmentStoreFailureTest, disk_that_does_not_give_a_line_says_which_file) {
  store = open();
  append_all(0, 0, 3);
  faulty.fail_at = faulty.operations;
  faulty.fail_every = 1;
  const auto read = store->read(0, 0, [](const StoredLine&) { return true; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(read.error().message.find(".spool"), std::string::npos);
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  faulty.fail_at = FaultyFiles::kNever;
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2}));
  EXPECT_FALSE(store->gauges(kNoon).degraded);
}

TEST_F(SegmentStoreFailureTest,
       disk_that_is_read_only_at_the_start_gives_what_it_has_and_is_tried_again) {
  store = open();
  append_all(0, 0, 3);
  faulty.is_read_only = true;
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2}));
  EXPECT_EQ(append(0, 3), AppendResult::kFailed);
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  faulty.is_read_only = false;
  store->retry();
  EXPECT_EQ(append(0, 3), AppendResult::kYes);
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2, 3}));
}

TEST_F(SegmentStoreFailureTest, file_that_somebody_deleted_costs_its_lines_alone) {
  options.capacity = 128 << 10;
  store = open();
  append_all(0, 0, 1000);
  ASSERT_GT(segments().size(), 2U);
  std::filesystem::remove(options.directory + '/' + segments().front());
  const auto left = offsets_of(*store, 0);
  EXPECT_EQ(left.back(), 999U);
  EXPECT_EQ(store->gauges(kNoon).damaged, 1000 - left.size());
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  EXPECT_EQ(append(0, 1000), AppendResult::kYes);
}

TEST_F(SegmentStoreFailureTest, what_is_missing_is_counted_once_however_it_is_read) {
  options.capacity = 128 << 10;
  store = open();
  append_all(0, 0, 1000);
  std::filesystem::remove(options.directory + '/' + segments().front());
  // Piece by piece, and each piece tried in vain before.
  std::size_t left = 0;
  std::uint64_t from = 0;
  const auto ask = [&](std::size_t most) {
    Offsets offsets;
    const auto read = store->read(0, from, [&](const StoredLine& line) {
      if (offsets.size() == most) return false;
      offsets.push_back(line.offset);
      return true;
    });
    return read ? offsets : Offsets();
  };
  while (true) {
    EXPECT_TRUE(ask(0).empty());
    faulty.fail_at = faulty.operations + 2;  // the file behind the one that is gone
    faulty.fail_every = 1;
    ask(7);
    faulty.fail_at = FaultyFiles::kNever;
    const auto offsets = ask(7);
    if (offsets.empty()) break;
    left += offsets.size();
    from = offsets.back() + 1;
  }
  EXPECT_GT(left, 500U);
  EXPECT_EQ(store->gauges(kNoon).damaged, 1000 - left);
}

TEST_F(SegmentStoreFailureTest, directory_that_is_away_for_a_while_costs_nothing) {
  store = open();
  append_all(0, 0, 3);
  const std::string elsewhere = folder.path("elsewhere");
  std::filesystem::rename(options.directory, elsewhere);
  EXPECT_FALSE(store->read(0, 0, [](const StoredLine&) { return true; }));
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  std::filesystem::rename(elsewhere, options.directory);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2}));
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
}

TEST_F(SegmentStoreFailureTest,
       lines_that_cannot_be_read_and_are_resolved_are_no_trouble_any_more) {
  store = open();
  append_all(0, 0, 3);
  faulty.fail_at = faulty.operations;
  faulty.fail_every = 1;
  EXPECT_FALSE(store->read(0, 0, [](const StoredLine&) { return true; }));
  faulty.fail_at = FaultyFiles::kNever;
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  store->resolve(0, {0, 3});
  store->flush();
  EXPECT_FALSE(store->gauges(kNoon).degraded);
}

TEST_F(SegmentStoreFailureTest, no_older_record_comes_back_from_a_file_that_cannot_be_deleted) {
  class KeepsFirst : public SpoolFiles {
   public:
    int unlink(const std::string& path) override {
      if (!path.ends_with("00000000000000000001.spool")) return SpoolFiles::unlink(path);
      errno = EPERM;
      return -1;
    }
  } keeps_first;
  files = &keeps_first;
  store = open();
  append_all(0, 0, 2);
  reopen();
  ASSERT_EQ(append(0, 1, "{\"new\":1}\n"), AppendResult::kYes);
  EXPECT_TRUE(store->expire(kNoon + std::chrono::hours(1000)).empty());
  EXPECT_TRUE(store->drop_oldest().empty());
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1}));
    EXPECT_EQ(lines_of(*store, 0).at(1), "{\"new\":1}\n");
    reopen();
  }
}

/// Lines that the spool said that it has, as they were written last.
class KeptLines {
 public:
  void put(std::uint64_t offset, std::string text) { lines_[offset] = std::move(text); }
  void forget(OffsetRange range) {
    lines_.erase(lines_.lower_bound(range.from), lines_.lower_bound(range.to));
  }
  void forget(const std::vector<DroppedLines>& all) {
    for (const DroppedLines& dropped : all) {
      for (const OffsetRange& offsets : dropped.offsets) forget(offsets);
    }
  }
  /// Nothing, or the one that is not as it should be.
  std::optional<std::uint64_t> missing(const std::map<std::uint64_t, std::string>& there) const {
    for (const auto& [offset, line] : lines_) {
      const auto found = there.find(offset);
      if (found == there.end() || found->second != line) return offset;
    }
    return std::nullopt;
  }

 private:
  std::map<std::uint64_t, std::string> lines_;
};

TEST_F(SegmentStoreFailureTest, no_failing_operation_loses_a_line_that_was_kept) {
  options.capacity = 64 << 10;  // several segments in a short life
  for (const int why : {EIO, ENOSPC, EMFILE}) {
    for (int n = 0;; n += 1 + n / 16) {
      std::filesystem::remove_all(options.directory);
      faulty.operations = 0;
      faulty.fail_at = n;
      faulty.fail_every = 97;
      faulty.why = why;
      KeptLines kept;
      std::uint64_t reserved = 0;
      const auto put = [&](std::uint64_t offset, std::size_t size) {
        const std::string text = text_of(offset, size);
        if (append(0, offset, text) == AppendResult::kYes) kept.put(offset, text);
      };
      for (std::uint64_t life = 0; life < 2; ++life) {
        store.reset();
        auto opened = SegmentStore::open(options, faulty);
        if (!opened) continue;  // the daemon would say why, and try again
        store = *std::move(opened);
        for (std::uint64_t offset = life * 100; offset < life * 100 + 100; ++offset) {
          put(offset, 400);
          if (offset % 6 == 5) put(offset - 1, 300);  // rewritten
          if (offset % 20 == 7 && store->reserve(1, offset + 50)) reserved = offset + 50;
          if (offset % 10 == 9) {
            store->resolve(0, {offset - 4, offset - 2});
            kept.forget(OffsetRange{offset - 4, offset - 2});
            store->flush();
          }
          if (offset % 50 == 30) kept.forget(store->drop_oldest());
        }
      }
      const bool over = faulty.operations < n;
      faulty.fail_at = FaultyFiles::kNever;
      reopen();
      ASSERT_EQ(kept.missing(lines_of(*store, 0)), std::nullopt)
          << "errno " << why << ", operation " << n;
      ASSERT_GE(store->recovered(1).end, reserved) << "errno " << why << ", operation " << n;
      if (over) break;
    }
  }
}

TEST_F(SegmentStoreFailureTest, power_cut_loses_no_line_that_must_last) {
  options.power = true;
  options.capacity = 64 << 10;
  store = open();
  KeptLines kept;
  std::uint64_t reserved = 0;
  for (std::uint64_t offset = 0; offset < 300; ++offset) {
    const bool must_last = offset % 3 != 0;
    const std::string line = text_of(offset, 200);
    while (append({0, offset, line, kNoon, must_last}) == AppendResult::kNoRoom) {
      kept.forget(store->drop_oldest());
    }
    if (must_last) kept.put(offset, line);
    EXPECT_TRUE(offset % 5 != 0 || store->sync()) << "a message ends";
    if (offset % 25 == 24) {
      ASSERT_TRUE(store->reserve(1, reserved = offset + 40));
    }
    if (offset % 40 == 39) {
      store->resolve(0, {offset - 30, offset - 20});
      kept.forget(OffsetRange{offset - 30, offset - 20});
      store->flush();
    }
    if (offset % 10 != 0) continue;
    store.reset();
    faulty.cut_power(options.directory);
    store = open();
    ASSERT_EQ(kept.missing(lines_of(*store, 0)), std::nullopt) << offset;
    ASSERT_GE(store->recovered(1).end, reserved);
  }
}

TEST_F(SegmentStoreFailureTest, without_power_no_line_waits_for_the_disk) {
  class NeverSyncs : public SpoolFiles {
    int fdatasync(int) override { return ADD_FAILURE() << "synced", 0; }
    int sync_directory(const std::string&) override { return ADD_FAILURE() << "synced", 0; }
  } never_syncs;
  files = &never_syncs;
  store = open();
  append_all(0, 0, 100);
  store->resolve(0, {0, 50});
  store->flush(true);
}

}  // namespace
}  // namespace plotbridge::disk
