// Concern: with durability `power` a message costs one wait for the disk, and a line of which the
// spool said that it is synced survives a power cut, also when a wait failed before.
#include "tests/disk/faulty_files.h"
#include "tests/disk/spool_fixture.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace plotbridge::disk {
namespace {

class SegmentStorePowerTest : public SpoolFixture {
 protected:
  SegmentStorePowerTest() {
    files = &faulty;
    options.power = true;
    options.pause = Duration(0);
    store = open();
  }
  void lose_power() {
    store.reset();
    faulty.cut_power(options.directory);
    store = open();
    ASSERT_NE(store, nullptr);
  }
  static Offsets range(std::uint64_t from, std::uint64_t to) {
    Offsets offsets;
    for (std::uint64_t offset = from; offset < to; ++offset) offsets.push_back(offset);
    return offsets;
  }

  FaultyFiles faulty;
};

TEST_F(SegmentStorePowerTest, message_of_many_lines_for_several_streams_waits_once) {
  append_all(0, 0, 1);
  ASSERT_TRUE(store->sync());
  for (const std::uint64_t lines : {100U, 400U}) {
    const int before = faulty.syncs;
    append_all(0, 1000 * lines, 1000 * lines + lines);
    append_all(1, 1000 * lines, 1000 * lines + lines);
    EXPECT_TRUE(store->sync());
    EXPECT_EQ(faulty.syncs - before, 1) << lines;
    EXPECT_TRUE(store->sync());
    EXPECT_EQ(faulty.syncs - before, 1) << "nothing came since";
  }
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0).size(), 501U);
  EXPECT_EQ(offsets_of(*store, 1).size(), 500U);
}

TEST_F(SegmentStorePowerTest, lines_that_need_not_last_wait_for_nothing) {
  const int before = faulty.syncs;
  for (std::uint64_t offset = 0; offset < 100; ++offset) {
    ASSERT_EQ(append({0, offset, text_of(offset), kNoon, false}), AppendResult::kYes);
  }
  EXPECT_TRUE(store->sync());
  EXPECT_EQ(faulty.syncs, before);
}

TEST_F(SegmentStorePowerTest, lines_that_an_fsync_lost_are_written_again) {
  append_all(0, 0, 3);
  ASSERT_TRUE(store->sync());
  append_all(0, 3, 6);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  EXPECT_EQ(store->gauges(kNoon).failed_syncs, 1U);
  EXPECT_EQ(offsets_of(*store, 0), range(0, 6)) << "this process has them";
  faulty.syncs_fail = false;
  EXPECT_TRUE(store->sync()) << "not by syncing the same file again";
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  EXPECT_EQ(offsets_of(*store, 0), range(0, 6)) << "each once";
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0), range(0, 6));
}

TEST_F(SegmentStorePowerTest, lines_that_an_fsync_lost_come_before_newer_ones_and_without_them) {
  append_all(0, 0, 3);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  EXPECT_EQ(append(0, 3), AppendResult::kFailed) << "nothing is newer than what is not safe";
  faulty.syncs_fail = false;
  store->flush();
  EXPECT_FALSE(store->gauges(kNoon).degraded) << "also when nothing comes";
  EXPECT_EQ(append(0, 3), AppendResult::kYes);
  EXPECT_TRUE(store->sync());
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0), range(0, 4));
}

TEST_F(SegmentStorePowerTest, line_that_arrived_before_it_was_written_again_stays_gone) {
  append_all(0, 0, 5);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  store->resolve(0, {0, 2});
  faulty.syncs_fail = false;
  EXPECT_TRUE(store->sync());
  store->flush();
  EXPECT_EQ(offsets_of(*store, 0), range(2, 5));
  lose_power();
  const auto left = offsets_of(*store, 0);
  EXPECT_TRUE(std::ranges::includes(left, range(2, 5))) << "what is resolved need not last";
  reopen();
  EXPECT_EQ(store->recovered(0).end, 5U);
}

TEST_F(SegmentStorePowerTest, rewritten_line_is_written_again_as_it_is_now) {
  append_all(0, 0, 3);
  ASSERT_TRUE(store->sync());
  ASSERT_EQ(append(0, 1, "{\"y\":9}\n"), AppendResult::kYes);
  ASSERT_EQ(append({0, 1, "{\"y\":10}\n", kNoon, false}), AppendResult::kYes);
  ASSERT_EQ(append(0, 2), AppendResult::kYes);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  faulty.syncs_fail = false;
  EXPECT_TRUE(store->sync());
  lose_power();
  EXPECT_EQ(lines_of(*store, 0).at(1), "{\"y\":10}\n");
  EXPECT_EQ(offsets_of(*store, 0), range(0, 3));
}

TEST_F(SegmentStorePowerTest, reservation_lasts_at_once) {
  append_all(0, 0, 1);
  EXPECT_TRUE(store->reserve(0, 500));
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->reserve(0, 600));
  lose_power();
  EXPECT_EQ(store->recovered(0).end, 500U);
}

TEST_F(SegmentStorePowerTest, no_older_record_comes_back_when_the_newer_one_goes) {
  append_all(0, 0, 2);
  ASSERT_TRUE(store->sync());
  reopen();
  ASSERT_EQ(append(0, 1, "{\"y\":10}\n"), AppendResult::kYes);
  ASSERT_TRUE(store->sync());
  reopen();
  append_all(0, 2, 3);
  ASSERT_TRUE(store->sync());
  store->resolve(0, {1, 2});
  store->flush();
  ASSERT_EQ(segments().size(), 2U) << "the file of the newer one is gone";
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 2}));
}

TEST_F(SegmentStorePowerTest, append_that_failed_half_way_hinders_no_wait_for_the_lines_before) {
  append_all(0, 0, 3);
  faulty.is_full = true;
  EXPECT_EQ(append(0, 3), AppendResult::kFailed);
  EXPECT_TRUE(store->sync()) << "there is no room, but what is there can be synced";
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0), range(0, 3));
}

TEST_F(SegmentStorePowerTest, segment_that_could_not_be_cut_back_is_written_again) {
  append_all(0, 0, 3);
  faulty.fail_at = faulty.operations;  // the write, and taking half of it back
  faulty.fail_every = 1;
  EXPECT_EQ(append(0, 3), AppendResult::kFailed);
  EXPECT_FALSE(store->sync());
  faulty.fail_at = FaultyFiles::kNever;
  EXPECT_TRUE(store->sync());
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0), range(0, 3));
}

TEST_F(SegmentStorePowerTest, message_larger_than_memory_should_hold_waits_a_few_times) {
  store.reset();
  options.capacity = std::size_t{64} << 20;
  store = open();
  const int before = faulty.syncs;
  for (std::uint64_t offset = 0; offset < 300; ++offset) {
    ASSERT_EQ(append(0, offset, text_of(offset, 64 << 10)), AppendResult::kYes);
  }
  EXPECT_TRUE(store->sync());
  EXPECT_LE(faulty.syncs - before, 12);
  std::vector<std::string> texts;
  std::vector<NewLine> batch;
  for (std::uint64_t offset = 300; offset < 600; ++offset) {
    texts.push_back(text_of(offset, 64 << 10));
  }
  for (std::uint64_t i = 0; i < 300; ++i) batch.push_back({0, 300 + i, texts[i], kNoon});
  EXPECT_EQ(store->append(batch).lines, 300U);
  EXPECT_TRUE(store->sync());
  EXPECT_LE(faulty.syncs - before, 24);
  lose_power();
  EXPECT_EQ(offsets_of(*store, 0).size(), 600U);
}

TEST_F(SegmentStorePowerTest, no_failing_operation_loses_a_line_that_was_synced) {
  options.capacity = 64 << 10;
  for (int n = 0;; ++n) {
    store.reset();
    std::filesystem::remove_all(options.directory);
    faulty.fail_at = FaultyFiles::kNever;
    faulty.operations = 0;
    faulty.fail_at = n;
    faulty.fail_every = 61;
    auto opened = SegmentStore::open(options, faulty);
    std::map<std::uint64_t, std::string> kept, message;
    std::uint64_t reserved = 0;
    const auto put = [&](std::uint64_t offset, const std::string& text) {
      kept.erase(offset);  // if it is there, it may be the new one, or not
      if (append(0, offset, text) == AppendResult::kYes) message[offset] = text;
    };
    if (opened) {
      store = *std::move(opened);
      for (std::uint64_t offset = 0; offset < 120; ++offset) {
        put(offset, text_of(offset));
        if (offset % 5 == 4) put(offset - 3, text_of(offset - 3, 40));
        if (offset % 25 == 3 && store->reserve(1, offset + 200)) reserved = offset + 200;
        if (offset % 7 != 6) continue;
        const bool synced = store->sync();
        if (!synced) continue;  // it goes on trying: the next message may tell
        for (const auto& [one, text] : message) kept[one] = text;
        message.clear();
      }
    }
    const bool over = faulty.operations < n;
    faulty.fail_at = FaultyFiles::kNever;
    lose_power();
    auto there = lines_of(*store, 0);
    for (const auto& [offset, text] : kept) {
      ASSERT_EQ(there[offset], text) << "operation " << n << ", line " << offset;
    }
    ASSERT_GE(store->recovered(1).end, reserved) << "operation " << n;
    if (over) break;
  }
}

}  // namespace
}  // namespace plotbridge::disk
