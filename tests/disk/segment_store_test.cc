// Concern: what the spool took is there after a sudden end, each line once, by id, with its number,
// and what was released is not.
#include "tests/disk/spool_fixture.h"

#include <vector>

namespace plotbridge::disk {
namespace {

using Ids = std::vector<std::uint64_t>;

class SegmentStoreTest : public SpoolFixture {};

TEST_F(SegmentStoreTest, gives_lines_back_in_the_same_run_and_after_a_sudden_end) {
  store = open();
  append_all(0, 0, 3);
  append_all(1, 10, 12);
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2}));
  reopen();
  EXPECT_EQ(store->recovered(0).front_id, 0U);
  EXPECT_EQ(store->recovered(0).next_id, 3U);
  EXPECT_EQ(store->recovered(0).lines, 3U);
  EXPECT_EQ(store->recovered(1).front_id, 10U);
  EXPECT_EQ(lines_of(*store, 0), (std::map<std::uint64_t, std::string>{
                                     {0, text_of(0)}, {1, text_of(1)}, {2, text_of(2)}}));
  EXPECT_EQ(ids_of(*store, 1, 11), (Ids{11}));
  EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
}

TEST_F(SegmentStoreTest, tells_when_a_line_was_received) {
  store = open();
  append(0, 1, kNoon + std::chrono::milliseconds(7));
  WallTime received;
  ASSERT_TRUE(store->read(0, 0, [&](const StoredLine& line) {
    received = line.received;
    return true;
  }));
  EXPECT_EQ(received, kNoon + std::chrono::milliseconds(7));
}

TEST_F(SegmentStoreTest, stops_reading_when_it_is_enough) {
  store = open();
  append_all(0, 0, 10);
  int lines = 0;
  ASSERT_TRUE(store->read(0, 0, [&](const StoredLine&) { return ++lines < 4; }));
  EXPECT_EQ(lines, 4);
}

TEST_F(SegmentStoreTest, reads_on_while_lines_come) {
  store = open();
  append_all(0, 0, 3);
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2}));
  append_all(0, 3, 5);
  EXPECT_EQ(ids_of(*store, 0, 2), (Ids{2, 3, 4}));
}

TEST_F(SegmentStoreTest, never_gives_a_released_line_again) {
  store = open();
  append_all(0, 0, 10);
  store->release(0, 0, 4);
  store->release(0, 6, 7);
  EXPECT_EQ(ids_of(*store, 0), (Ids{4, 5, 7, 8, 9}));
  store->flush();
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{4, 5, 7, 8, 9}));
  EXPECT_EQ(store->recovered(0).lines, 5U);
  EXPECT_EQ(store->recovered(0).front_id, 4U);
}

TEST_F(SegmentStoreTest, releases_nothing_between_lines_that_arrive_out_of_order) {
  store = open();
  append_all(0, 0, 10);
  store->release(0, 6, 7);
  store->release(0, 0, 2);
  store->release(0, 7, 8);
  store->flush();
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{2, 3, 4, 5, 8, 9}));
}

TEST_F(SegmentStoreTest, writes_what_was_released_with_one_write_a_flush) {
  class CountingFiles : public SpoolFiles {
   public:
    ssize_t pwrite(int file, const char* bytes, std::size_t size, off_t at) override {
      ++writes;
      return SpoolFiles::pwrite(file, bytes, size, at);
    }
    int writes = 0;
  } counting;
  files = &counting;
  store = open();
  append_all(0, 0, 100);
  append_all(1, 0, 100);
  counting.writes = 0;
  for (std::uint64_t id = 0; id < 50; ++id) {
    store->release(0, id, id + 1);
    store->release(1, id, id + 1);
  }
  EXPECT_EQ(counting.writes, 0);
  const std::uint64_t before = bytes_on_disk();
  store->flush();
  EXPECT_EQ(counting.writes, 1);
  EXPECT_EQ(bytes_on_disk() - before, 2 * kRecordHeadBytes) << "one record a stream";
}

TEST_F(SegmentStoreTest, gives_a_replaced_line_as_it_is_now) {
  store = open();
  append_all(0, 0, 5);
  ASSERT_EQ(store->replace(0, {3, "{\"new\":3}\n", kNoon}), Kept::kYes);
  append_all(0, 5, 6);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(ids_of(*store, 0), (Ids{0, 1, 2, 3, 5})) << "4 is gone with the old 3";
    EXPECT_EQ(lines_of(*store, 0).at(3), "{\"new\":3}\n");
    reopen();
  }
}

TEST_F(SegmentStoreTest, replaces_a_line_that_stands_in_an_older_file) {
  store = open();
  append_all(0, 0, 3);
  reopen();
  ASSERT_EQ(store->replace(0, {1, "{\"new\":1}\n", kNoon}), Kept::kYes);
  store->release(0, 1, 2);
  store->flush();
  append_all(1, 0, 1);
  reopen();
  store->flush();
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{0})) << "neither the old 1 nor 2 comes back";
}

TEST_F(SegmentStoreTest, keeps_the_numbers_of_lines) {
  store = open();
  append_all(0, 5, 20);
  store->number(0, {5, 100});
  store->number(0, {12, 200});
  store->number(0, {9, 150});  // the numbers from 9 on are others now
  reopen();
  ASSERT_EQ(store->recovered(0).numberings.size(), 2U);
  EXPECT_EQ(store->recovered(0).numberings[0].id, 5U);
  EXPECT_EQ(store->recovered(0).numberings[1].number, 150U);
  store->release(0, 5, 11);
  store->flush();
  reopen();
  ASSERT_EQ(store->recovered(0).numberings.size(), 1U) << "the first holds for the front";
  EXPECT_EQ(store->recovered(0).numberings[0].id, 9U);
  EXPECT_EQ(store->recovered(0).front_id, 11U);
}

TEST_F(SegmentStoreTest, keeps_numbers_and_ids_when_all_lines_and_their_files_are_gone) {
  store = open();
  append_all(0, 0, 100);
  store->number(0, {0, 1000});
  store->release(0, 0, 100);
  store->flush();
  for (int run = 0; run < 3; ++run) {
    reopen();
    append_all(1, static_cast<std::uint64_t>(run), static_cast<std::uint64_t>(run) + 1);
    store->flush();
  }
  reopen();
  EXPECT_EQ(store->recovered(0).next_id, 100U);
  EXPECT_EQ(store->recovered(0).front_id, 100U);
  EXPECT_EQ(store->recovered(0).lines, 0U);
  ASSERT_EQ(store->recovered(0).numberings.size(), 1U);
  EXPECT_EQ(store->recovered(0).numberings[0].number, 1000U);
}

TEST_F(SegmentStoreTest, a_run_of_numbers_ends_where_it_ended_although_the_next_one_is_gone) {
  store = open();
  append_all(0, 0, 100);
  store->number(0, {0, 0, 64});
  reopen();
  append_all(0, 100, 110);
  store->number(0, {100, 40, 64});  // so that only 40 of the 64 were handed out
  store->number(0, {95, 50, 64});
  store->release(0, 0, 40);
  store->release(0, 100, 110);
  store->flush();
  reopen();
  append_all(0, 110, 111);
  ASSERT_EQ(segments().size(), 3U);
  store->flush();  // the file that said so goes
  ASSERT_EQ(segments().size(), 2U);
  reopen();
  ASSERT_EQ(store->recovered(0).lines, 61U);
  for (const Numbering& run : store->recovered(0).numberings) {
    EXPECT_TRUE(run.id == 95 || (run.id < 40 && run.lines <= 40 - run.id)) << run.id;
  }
}

TEST_F(SegmentStoreTest, a_line_of_the_next_run_is_of_no_earlier_run_of_numbers) {
  store = open();
  append_all(0, 0, 21);
  store->number(0, {20, 20});
  store->release(0, 0, 21);
  store->flush();
  reopen();
  append_all(0, 21, 51);  // nobody hands them out
  reopen();
  for (const Numbering& run : store->recovered(0).numberings) {
    EXPECT_LE(run.lines, 21 - run.id) << run.id;
  }
}

TEST_F(SegmentStoreTest, keeps_lines_of_streams_that_are_not_configured_for_when_they_are) {
  store = open();
  append_all(0, 0, 5);
  append_all(1, 0, 5);
  store->release(1, 0, 2);
  store->flush();
  options.streams = {"boiler"};
  for (int run = 0; run < 3; ++run) {
    reopen();
    append_all(0, 5 + static_cast<std::uint64_t>(run), 6 + static_cast<std::uint64_t>(run));
    store->release(0, 0, 5 + static_cast<std::uint64_t>(run));
    store->flush();
  }
  options.streams = {"kiln", "boiler"};
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{2, 3, 4}));
  EXPECT_EQ(ids_of(*store, 1), (Ids{7}));
}

TEST_F(SegmentStoreTest, deletes_files_without_a_wanted_line_also_out_of_order) {
  store = open();
  append_all(0, 0, 1);
  reopen();
  append_all(0, 1, 3);
  reopen();
  append_all(0, 3, 4);
  ASSERT_EQ(segments().size(), 3U);
  store->release(0, 1, 3);
  store->flush();
  EXPECT_EQ(segments().size(), 2U);
  EXPECT_EQ(ids_of(*store, 0), (Ids{0, 3}));
  store->release(0, 3, 4);
  store->flush();
  EXPECT_EQ(segments().size(), 2U) << "the one that is written to stays";
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{0}));
}

}  // namespace
}  // namespace plotbridge::disk
