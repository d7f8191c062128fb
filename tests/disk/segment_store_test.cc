// Concern: what the spool took is there after a sudden end, each line once, by offset and as it was
// written last, and what was resolved is not, in whatever order that was told.
#include "tests/disk/spool_fixture.h"

#include <vector>

namespace plotbridge::disk {
namespace {

class SegmentStoreTest : public SpoolFixture {
 protected:
  static constexpr std::string_view kNew = "{\"new\":1}\n";
};

TEST_F(SegmentStoreTest, gives_lines_back_in_the_same_run_and_after_a_sudden_end) {
  store = open();
  append_all(0, 0, 3);
  append_all(1, 10, 12);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2}));
  reopen();
  EXPECT_EQ(store->recovered(0).end, 3U);
  EXPECT_TRUE(store->recovered(0).resolved.empty());
  EXPECT_EQ(store->recovered(1).end, 12U);
  EXPECT_EQ(store->recovered(1).resolved.ranges(), (Ranges{{0, 10}}));
  EXPECT_EQ(lines_of(*store, 0), (std::map<std::uint64_t, std::string>{
                                     {0, text_of(0)}, {1, text_of(1)}, {2, text_of(2)}}));
  EXPECT_EQ(offsets_of(*store, 1, 11), (Offsets{11}));
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

TEST_F(SegmentStoreTest, reads_on_while_lines_come_also_such_as_go_before_others) {
  store = open();
  append_all(0, 10, 13);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{10, 11, 12}));
  append_all(0, 3, 5);
  append_all(0, 13, 14);
  ASSERT_EQ(append(0, 11, kNew), AppendResult::kYes);
  append_all(0, 0, 1);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 3, 4, 10, 11, 12, 13}));
  EXPECT_EQ(lines_of(*store, 0).at(11), kNew);
  append_all(0, 11, 12);
  EXPECT_EQ(lines_of(*store, 0).at(11), text_of(11));
  EXPECT_EQ(offsets_of(*store, 0, 4), (Offsets{4, 10, 11, 12, 13}));
}

TEST_F(SegmentStoreTest, never_gives_a_resolved_line_again) {
  store = open();
  append_all(0, 0, 10);
  store->resolve(0, {0, 4});
  store->resolve(0, {6, 7});
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{4, 5, 7, 8, 9}));
  store->flush();
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{4, 5, 7, 8, 9}));
  EXPECT_EQ(store->recovered(0).end, 10U);
  EXPECT_EQ(store->recovered(0).resolved.ranges(), (Ranges{{0, 4}, {6, 7}}));
}

TEST_F(SegmentStoreTest, resolves_nothing_between_lines_that_arrive_out_of_order) {
  store = open();
  append_all(0, 0, 10);
  store->resolve(0, {6, 7});
  store->resolve(0, {0, 2});
  store->resolve(0, {7, 8});
  store->flush();
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{2, 3, 4, 5, 8, 9}));
}

TEST_F(SegmentStoreTest, wants_no_line_that_was_resolved_before_it_came) {
  store = open();
  store->resolve(0, {2, 4});
  for (int run = 0; run < 3; ++run) {
    append_all(0, 0, 5);
    EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 4})) << "run " << run;
    store->flush();
    reopen();
    EXPECT_EQ(store->recovered(0).resolved.ranges(), (Ranges{{2, 4}}));
  }
}

TEST_F(SegmentStoreTest, a_line_behind_its_resolution_stays_gone_when_the_file_of_that_goes) {
  for (const bool flushed : {true, false}) {
    std::filesystem::remove_all(options.directory);
    store.reset();
    store = open();
    append_all(1, 0, 1);
    store->resolve(0, {2, 3});
    store->flush();  // into the first file
    reopen();
    append_all(0, 2, 4);  // into the second; the first still says that 2 is not wanted
    if (flushed) store->flush();
    reopen();
    store->resolve(1, {0, 1});
    store->flush();
    ASSERT_EQ(segments().front(), "00000000000000000002.spool") << "the first is gone";
    reopen();
    EXPECT_EQ(offsets_of(*store, 0), (Offsets{3})) << flushed;
    EXPECT_EQ(store->recovered(0).end, 4U);
  }
}

TEST_F(SegmentStoreTest, writes_what_was_resolved_with_one_write_a_flush) {
  CountingFiles counting;
  files = &counting;
  store = open();
  append_all(0, 0, 100);
  append_all(1, 0, 100);
  counting.writes = 0;
  for (std::uint64_t offset = 0; offset < 50; ++offset) {
    store->resolve(0, {offset, offset + 1});
    store->resolve(1, {49 - offset, 50 - offset});
  }
  EXPECT_EQ(counting.writes, 0);
  const std::uint64_t before = bytes_on_disk();
  store->flush();
  EXPECT_EQ(counting.writes, 1);
  EXPECT_EQ(bytes_on_disk() - before, 2 * kRecordHeadBytes) << "one record a stream";
  store->resolve(0, {0, 50});
  store->flush();
  EXPECT_EQ(counting.writes, 1) << "it was known";
}

TEST_F(SegmentStoreTest, writes_nothing_of_lines_that_it_never_had) {
  store = open();
  ASSERT_TRUE(store->reserve(0, 1000));
  const std::uint64_t before = bytes_on_disk();
  store->resolve(0, {0, 900});
  store->flush();
  EXPECT_EQ(bytes_on_disk(), before);
  store->resolve(0, {1500, 1501});
  store->flush();
  reopen();
  EXPECT_EQ(store->recovered(0).end, 1501U) << "it was given, whoever forgot to say so";
}

TEST_F(SegmentStoreTest, gives_a_rewritten_line_as_it_is_now) {
  store = open();
  append_all(0, 0, 5);
  ASSERT_EQ(append(0, 3, kNew), AppendResult::kYes);
  append_all(0, 5, 6);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(lines_of(*store, 0).at(3), kNew);
    EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
    reopen();
    EXPECT_EQ(lines_left(0), 6U);
  }
}

TEST_F(SegmentStoreTest, no_older_record_of_a_line_comes_back_when_the_newer_one_goes) {
  store = open();
  append_all(0, 0, 3);
  reopen();
  ASSERT_EQ(append(0, 1, kNew), AppendResult::kYes);
  EXPECT_EQ(lines_of(*store, 0).at(1), kNew);
  reopen();
  EXPECT_EQ(lines_of(*store, 0).at(1), kNew) << "over files, too";
  store->resolve(0, {1, 2});
  append_all(1, 0, 1);
  store->flush();
  ASSERT_EQ(segments().size(), 2U) << "the file of the newer one is gone";
  for (int run = 0; run < 2; ++run) {
    reopen();
    EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 2}));
    store->flush();
  }
}

TEST_F(SegmentStoreTest, a_rewritten_line_keeps_neither_of_its_files_longer_than_it_waits) {
  store = open();
  append_all(0, 0, 1);
  reopen();
  ASSERT_EQ(append(0, 0, kNew), AppendResult::kYes);
  store->flush();
  EXPECT_EQ(segments().size(), 1U) << "nothing is wanted of the older one";
  reopen();
  EXPECT_EQ(lines_of(*store, 0).at(0), kNew);
}

TEST_F(SegmentStoreTest, keeps_how_far_offsets_were_given_when_all_lines_and_their_files_are_gone) {
  store = open();
  append_all(0, 0, 100);
  store->resolve(0, {0, 100});
  store->flush();
  for (std::uint64_t run = 0; run < 3; ++run) {
    reopen();
    append_all(1, run, run + 1);
    store->flush();
  }
  reopen();
  EXPECT_EQ(store->recovered(0).end, 100U);
  EXPECT_EQ(store->recovered(0).resolved.ranges(), (Ranges{{0, 100}}));
}

TEST_F(SegmentStoreTest, keeps_reservations_when_the_file_that_says_them_goes) {
  store = open();
  ASSERT_TRUE(store->reserve(0, 1000));
  ASSERT_TRUE(store->reserve(0, 10)) << "less than was given";
  append_all(0, 7, 8);
  for (std::uint64_t run = 0; run < 3; ++run) {
    reopen();
    EXPECT_EQ(store->recovered(0).end, 1000U);
    EXPECT_EQ(store->recovered(1).end, run);
    const auto before = segments();
    append_all(1, run, run + 1);
    store->resolve(0, {0, 8});
    store->resolve(1, {0, run + 1});
    store->flush();
    EXPECT_NE(segments().front(), before.front()) << "it is gone";
  }
}

TEST_F(SegmentStoreTest, takes_a_line_for_an_offset_that_was_reserved) {
  store = open();
  ASSERT_TRUE(store->reserve(0, 10));
  append_all(0, 12, 13);
  append_all(0, 3, 5);
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{3, 4, 12}));
  EXPECT_EQ(store->recovered(0).end, 13U);
  EXPECT_EQ(store->recovered(0).resolved.ranges(), (Ranges{{0, 3}, {5, 12}}));
}

TEST_F(SegmentStoreTest, keeps_lines_of_streams_that_are_not_configured_for_when_they_are) {
  store = open();
  append_all(0, 0, 5);
  append_all(1, 0, 5);
  store->resolve(1, {0, 2});
  store->flush();
  options.streams = {"boiler"};
  for (std::uint64_t run = 0; run < 3; ++run) {
    reopen();
    append_all(0, 5 + run, 6 + run);
    store->resolve(0, {0, 5 + run});
    store->flush();
  }
  options.streams = {"kiln", "boiler"};
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{2, 3, 4}));
  EXPECT_EQ(offsets_of(*store, 1), (Offsets{7}));
}

TEST_F(SegmentStoreTest, knows_how_far_a_stream_was_that_was_not_configured_for_a_while) {
  store = open();
  append_all(1, 0, 5);
  store->resolve(1, {0, 5});
  store->flush();
  options.streams = {"boiler"};
  for (std::uint64_t run = 0; run < 3; ++run) {
    reopen();
    append_all(0, run, run + 1);
    store->resolve(0, {run, run + 1});
    store->flush();
  }
  options.streams = {"kiln", "boiler"};
  reopen();
  EXPECT_EQ(store->recovered(0).end, 5U) << "no offset is given twice";
}

TEST_F(SegmentStoreTest, deletes_files_without_a_wanted_line_also_out_of_order) {
  store = open();
  append_all(0, 0, 1);
  reopen();
  append_all(0, 1, 3);
  reopen();
  append_all(0, 3, 4);
  ASSERT_EQ(segments().size(), 3U);
  store->resolve(0, {1, 3});
  store->flush();
  EXPECT_EQ(segments().size(), 2U);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 3}));
  store->resolve(0, {3, 4});
  store->flush();
  EXPECT_EQ(segments().size(), 2U) << "the one that is written to stays";
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0}));
}

}  // namespace
}  // namespace plotbridge::disk
