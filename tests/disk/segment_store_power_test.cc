// Concern: with durability `power` a message costs one wait for the disk, and a line of which the
// spool said that it is synced survives a power cut, also when a wait failed before.
#include "tests/disk/faulty_files.h"
#include "tests/disk/spool_fixture.h"

#include <cstdint>
#include <vector>

namespace plotbridge::disk {
namespace {

using Ids = std::vector<std::uint64_t>;

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
  Ids range(std::uint64_t from, std::uint64_t to) const {
    Ids ids;
    for (std::uint64_t id = from; id < to; ++id) ids.push_back(id);
    return ids;
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
  EXPECT_EQ(ids_of(*store, 0).size(), 501U);
  EXPECT_EQ(ids_of(*store, 1).size(), 500U);
}

TEST_F(SegmentStorePowerTest, lines_that_need_not_last_wait_for_nothing) {
  const int before = faulty.syncs;
  for (std::uint64_t id = 0; id < 100; ++id) {
    ASSERT_EQ(store->append(0, {id, text_of(id), kNoon, false}), Kept::kYes);
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
  EXPECT_EQ(ids_of(*store, 0), range(0, 6)) << "this process has them";
  faulty.syncs_fail = false;
  EXPECT_TRUE(store->sync()) << "not by syncing the same file again";
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  EXPECT_EQ(ids_of(*store, 0), range(0, 6)) << "each once";
  lose_power();
  EXPECT_EQ(ids_of(*store, 0), range(0, 6));
}

TEST_F(SegmentStorePowerTest, lines_that_an_fsync_lost_come_before_newer_ones_and_without_them) {
  append_all(0, 0, 3);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  EXPECT_EQ(append(0, 3), Kept::kFailed) << "nothing is newer than what is not safe";
  faulty.syncs_fail = false;
  store->flush();
  EXPECT_FALSE(store->gauges(kNoon).degraded) << "also when nothing comes";
  EXPECT_EQ(append(0, 3), Kept::kYes);
  EXPECT_TRUE(store->sync());
  lose_power();
  EXPECT_EQ(ids_of(*store, 0), range(0, 4));
}

TEST_F(SegmentStorePowerTest, line_that_arrived_before_it_was_written_again_stays_gone) {
  append_all(0, 0, 5);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  store->release(0, 0, 2);
  faulty.syncs_fail = false;
  EXPECT_TRUE(store->sync());
  store->flush();
  EXPECT_EQ(ids_of(*store, 0), range(2, 5));
  lose_power();
  const auto left = ids_of(*store, 0);
  EXPECT_TRUE(std::ranges::includes(left, range(2, 5))) << "releases need not last";
  reopen();
  EXPECT_EQ(store->recovered(0).next_id, 5U);
}

TEST_F(SegmentStorePowerTest, line_that_took_anothers_place_is_written_again_as_such) {
  append_all(0, 0, 3);
  ASSERT_TRUE(store->sync());
  ASSERT_EQ(store->replace(0, {1, "{\"y\":10}\n", kNoon}), Kept::kYes);
  ASSERT_EQ(append(0, 2), Kept::kYes);
  faulty.syncs_fail = true;
  EXPECT_FALSE(store->sync());
  faulty.syncs_fail = false;
  EXPECT_TRUE(store->sync());
  lose_power();
  EXPECT_EQ(lines_of(*store, 0).at(1), "{\"y\":10}\n");
  EXPECT_EQ(ids_of(*store, 0), range(0, 3));
}

TEST_F(SegmentStorePowerTest, append_that_failed_half_way_hinders_no_wait_for_the_lines_before) {
  append_all(0, 0, 3);
  faulty.is_full = true;
  EXPECT_EQ(append(0, 3), Kept::kFailed);
  EXPECT_TRUE(store->sync()) << "there is no room, but what is there can be synced";
  lose_power();
  EXPECT_EQ(ids_of(*store, 0), range(0, 3));
}

TEST_F(SegmentStorePowerTest, segment_that_could_not_be_cut_back_is_written_again) {
  append_all(0, 0, 3);
  faulty.fail_at = faulty.operations;  // the write, and taking half of it back
  faulty.fail_every = 1;
  EXPECT_EQ(append(0, 3), Kept::kFailed);
  EXPECT_FALSE(store->sync());
  faulty.fail_at = FaultyFiles::kNever;
  EXPECT_TRUE(store->sync());
  lose_power();
  EXPECT_EQ(ids_of(*store, 0), range(0, 3));
}

TEST_F(SegmentStorePowerTest, message_larger_than_memory_should_hold_waits_a_few_times) {
  store.reset();
  options.capacity = std::size_t{64} << 20;
  store = open();
  const int before = faulty.syncs;
  for (std::uint64_t id = 0; id < 300; ++id) {
    ASSERT_EQ(store->append(0, {id, text_of(id, 64 << 10), kNoon}), Kept::kYes);
  }
  EXPECT_TRUE(store->sync());
  EXPECT_LE(faulty.syncs - before, 12);
  lose_power();
  EXPECT_EQ(ids_of(*store, 0).size(), 300U);
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
    std::vector<std::uint64_t> kept, message;
    if (opened) {
      store = *std::move(opened);
      for (std::uint64_t id = 0; id < 120; ++id) {
        if (append(0, id) == Kept::kYes) message.push_back(id);
        if (id % 25 == 3) store->number(0, {id, id + 1000});
        if (id % 7 != 6) continue;
        const bool synced = store->sync();
        if (!synced) continue;  // it goes on trying: the next message may tell
        kept.insert(kept.end(), message.begin(), message.end());
        message.clear();
      }
    }
    const bool over = faulty.operations < n;
    faulty.fail_at = FaultyFiles::kNever;
    lose_power();
    const auto there = ids_of(*store, 0);
    for (const std::uint64_t id : kept) {
      ASSERT_TRUE(std::ranges::binary_search(there, id)) << "operation " << n << ", line " << id;
    }
    if (over) break;
  }
}

}  // namespace
}  // namespace plotbridge::disk
