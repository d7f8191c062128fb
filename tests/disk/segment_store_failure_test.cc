// Concern: a disk that is full, fails or loses its power costs no line of which the spool said that
// it has it, and the spool goes on by itself when the disk does.
#include "tests/disk/faulty_files.h"
#include "tests/disk/spool_fixture.h"

#include <algorithm>
#include <set>

namespace plotbridge::disk {
namespace {

using Ids = std::vector<std::uint64_t>;

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
  EXPECT_EQ(append(0, 3), Kept::kFailed);
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  store->release(0, 0, 1);
  store->number(0, {1, 50});
  EXPECT_EQ(ids_of(*store, 0), (Ids{1, 2})) << "what is there can be read";
  faulty.is_full = false;
  ASSERT_EQ(append(0, 5), Kept::kYes);
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  store->flush();
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{1, 2, 5}));
  EXPECT_EQ(store->recovered(0).numberings.at(0).number, 50U) << "written later";
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U) << "no half of a record stays";
}

TEST_F(SegmentStoreFailureTest, numbers_wait_for_the_disk_and_for_their_lines) {
  store = open();
  append_all(0, 0, 1);
  faulty.is_full = true;
  store->number(0, {1, 10, 2});
  store->number(0, {7, 12, 2});
  faulty.is_full = false;
  append_all(0, 1, 3);
  append_all(0, 7, 9);
  store->flush();
  reopen();
  ASSERT_EQ(store->recovered(0).numberings.size(), 2U);
  EXPECT_EQ(store->recovered(0).numberings[0].number, 10U);
  EXPECT_EQ(store->recovered(0).numberings[1].number, 12U);
}

TEST_F(SegmentStoreFailureTest, failing_disk_is_left_alone_for_a_while) {
  options.pause = std::chrono::hours(1);
  store = open();
  faulty.is_full = true;
  EXPECT_EQ(append(0, 0), Kept::kFailed);
  const int before = faulty.operations;
  EXPECT_EQ(append(0, 1), Kept::kFailed);
  store->number(0, {0, 1});
  store->flush();
  EXPECT_EQ(faulty.operations, before);
}

TEST_F(SegmentStoreFailureTest, start_on_a_full_disk_gives_what_is_there) {
  store = open();
  append_all(0, 0, 3);
  faulty.is_full = true;
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2}));
  EXPECT_EQ(append(0, 3), Kept::kFailed);
  faulty.is_full = false;
  EXPECT_EQ(append(0, 4), Kept::kYes);
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
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2}));
  EXPECT_FALSE(store->gauges(kNoon).degraded);
}

TEST_F(SegmentStoreFailureTest,
       disk_that_is_read_only_at_the_start_gives_what_it_has_and_is_tried_again) {
  store = open();
  append_all(0, 0, 3);
  faulty.is_read_only = true;
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2}));
  EXPECT_EQ(append(0, 3), Kept::kFailed);
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  faulty.is_read_only = false;
  store->retry();
  EXPECT_EQ(append(0, 3), Kept::kYes);
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2, 3}));
}

TEST_F(SegmentStoreFailureTest, file_that_somebody_deleted_costs_its_lines_alone) {
  options.capacity = 128 << 10;
  store = open();
  append_all(0, 0, 1000);
  ASSERT_GT(segments().size(), 2U);
  std::filesystem::remove(options.directory + '/' + segments().front());
  const auto left = ids_of(*store, 0);
  EXPECT_EQ(left.back(), 999U);
  EXPECT_EQ(store->gauges(kNoon).damaged, 1000 - left.size());
  EXPECT_FALSE(store->gauges(kNoon).degraded);
  EXPECT_EQ(append(0, 1000), Kept::kYes);
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
    std::vector<std::uint64_t> ids;
    const auto read = store->read(0, from, [&](const StoredLine& line) {
      if (ids.size() == most) return false;
      ids.push_back(line.id);
      return true;
    });
    return read ? ids : std::vector<std::uint64_t>();
  };
  while (true) {
    EXPECT_TRUE(ask(0).empty());
    faulty.fail_at = faulty.operations + 2;  // the file behind the one that is gone
    faulty.fail_every = 1;
    ask(7);
    faulty.fail_at = FaultyFiles::kNever;
    const auto ids = ask(7);
    if (ids.empty()) break;
    left += ids.size();
    from = ids.back() + 1;
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
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2}));
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
}

TEST_F(SegmentStoreFailureTest,
       lines_that_cannot_be_read_and_are_given_up_are_no_trouble_any_more) {
  store = open();
  append_all(0, 0, 3);
  faulty.fail_at = faulty.operations;
  faulty.fail_every = 1;
  EXPECT_FALSE(store->read(0, 0, [](const StoredLine&) { return true; }));
  faulty.fail_at = FaultyFiles::kNever;
  EXPECT_TRUE(store->gauges(kNoon).degraded);
  store->release(0, 0, 3);
  store->flush();
  EXPECT_FALSE(store->gauges(kNoon).degraded);
}

TEST_F(SegmentStoreFailureTest, no_failing_operation_loses_a_line_that_was_kept) {
  options.capacity = 64 << 10;  // several segments in a short life
  for (const int why : {EIO, ENOSPC, EMFILE}) {
    for (int n = 0;; ++n) {
      std::filesystem::remove_all(options.directory);
      faulty.operations = 0;
      faulty.fail_at = n;
      faulty.fail_every = 97;
      faulty.why = why;
      std::set<std::uint64_t> kept;
      for (std::uint64_t life = 0; life < 2; ++life) {
        store.reset();
        auto opened = SegmentStore::open(options, faulty);
        if (!opened) continue;  // the daemon would say why, and try again
        store = *std::move(opened);
        for (std::uint64_t id = life * 100; id < life * 100 + 100; ++id) {
          if (store->append(0, {id, text_of(id, 400), kNoon}) == Kept::kYes) kept.insert(id);
          if (id % 20 == 7) store->number(0, {id, id + 1000});
          if (id % 10 == 9) {
            store->release(0, id - 4, id - 2);
            kept.erase(id - 4);
            kept.erase(id - 3);
            store->flush();
          }
          if (id % 50 == 30) {
            for (const Lost& lost : store->give_up_oldest()) {
              kept.erase(kept.lower_bound(lost.first_id), kept.lower_bound(lost.end_id));
            }
          }
        }
      }
      const bool over = faulty.operations < n;
      faulty.fail_at = FaultyFiles::kNever;
      reopen();
      const auto there = ids_of(*store, 0);
      for (const std::uint64_t id : kept) {
        ASSERT_TRUE(std::ranges::binary_search(there, id))
            << "errno " << why << ", operation " << n << ", line " << id;
      }
      if (over) break;
      n += n / 16;
    }
  }
}

TEST_F(SegmentStoreFailureTest, power_cut_loses_no_line_that_must_last) {
  options.power = true;
  options.capacity = 64 << 10;
  store = open();
  std::set<std::uint64_t> kept;
  for (std::uint64_t id = 0; id < 300; ++id) {
    const bool must_last = id % 3 != 0;
    const std::string line = text_of(id, 200);
    while (store->append(0, {id, line, kNoon, must_last}) == Kept::kNoRoom) {
      for (const Lost& lost : store->give_up_oldest()) {
        kept.erase(kept.lower_bound(lost.first_id), kept.lower_bound(lost.end_id));
      }
    }
    if (must_last) kept.insert(id);
    EXPECT_TRUE(id % 5 != 0 || store->sync()) << "a message ends";
    if (id % 25 == 24) store->number(0, {id, id + 1000});
    if (id % 40 == 39) {
      store->release(0, id - 30, id - 20);
      kept.erase(kept.lower_bound(id - 30), kept.lower_bound(id - 20));
      store->flush();
    }
    if (id % 10 != 0) continue;
    store.reset();
    faulty.cut_power(options.directory);
    store = open();
    const auto there = ids_of(*store, 0);
    for (const std::uint64_t one : kept) {
      ASSERT_TRUE(std::ranges::binary_search(there, one)) << id << ", line " << one;
    }
    if (id >= 30) {
      ASSERT_EQ(store->recovered(0).numberings.back().id, (id / 25) * 25 - 1);
    }
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
  store->release(0, 0, 50);
  store->flush(true);
}

}  // namespace
}  // namespace plotbridge::disk
