// Concern: lines that come together are written together, and as many as there is room for, in
// their order, whichever of them does not fit.
#include "tests/disk/spool_fixture.h"

namespace plotbridge::disk {
namespace {

class SegmentStoreBatchTest : public SpoolFixture {
 protected:
  SegmentStoreBatchTest() { files = &counting; }

  void add(std::size_t stream, std::uint64_t offset, std::size_t size = 0,
           WallTime received = kNoon) {
    texts.push_back(std::make_unique<std::string>(text_of(offset, size)));
    batch.push_back({stream, offset, *texts.back(), received});
  }
  queue::LineStore::Appended append_batch() { return store->append(batch); }

  CountingFiles counting;
  std::vector<std::unique_ptr<std::string>> texts;
  std::vector<NewLine> batch;
};

TEST_F(SegmentStoreBatchTest, takes_one_write_for_lines_of_several_streams) {
  store = open();
  append_all(0, 0, 1);
  for (std::uint64_t offset = 1; offset < 100; ++offset) {
    add(0, offset);
    add(1, offset);
  }
  counting.writes = 0;
  const auto appended = append_batch();
  EXPECT_EQ(appended.lines, batch.size());
  EXPECT_EQ(appended.rest, AppendResult::kYes);
  EXPECT_EQ(counting.writes, 1);
  reopen();
  EXPECT_EQ(lines_left(0), 100U);
  EXPECT_EQ(offsets_of(*store, 0).size(), 100U);
  EXPECT_EQ(offsets_of(*store, 1).size(), 99U);
  EXPECT_EQ(lines_of(*store, 1).at(73), text_of(73));
}

TEST_F(SegmentStoreBatchTest, of_none_is_nothing) {
  store = open();
  const auto appended = append_batch();
  EXPECT_EQ(appended.lines, 0U);
  EXPECT_EQ(appended.rest, AppendResult::kYes);
  EXPECT_TRUE(segments().empty());
}

TEST_F(SegmentStoreBatchTest, goes_over_the_borders_of_files_with_one_write_for_each) {
  options.capacity = 512 << 10;  // files of 64 KiB
  store = open();
  append_all(0, 0, 1);
  for (std::uint64_t offset = 1; offset < 400; ++offset) add(offset % 2, offset, 500);
  counting.writes = 0;
  EXPECT_EQ(append_batch().lines, batch.size());
  ASSERT_EQ(segments().size(), 4U);
  EXPECT_EQ(counting.writes, 4 + 3) << "and the heads of the files";
  for (const auto& [name, bytes] : contents(options.directory)) {
    EXPECT_LE(bytes.size(), std::size_t{64} << 10) << name;
  }
  reopen();
  EXPECT_EQ(offsets_of(*store, 0).size() + offsets_of(*store, 1).size(), 400U);
}

TEST_F(SegmentStoreBatchTest, begins_a_file_for_what_was_received_much_later) {
  options.max_age = std::chrono::hours(8);  // a file is of one hour
  store = open();
  for (std::uint64_t minute = 0; minute < 240; ++minute) {
    add(0, minute, 0, kNoon + std::chrono::minutes(minute));
  }
  EXPECT_EQ(append_batch().lines, 240U);
  EXPECT_EQ(segments().size(), 4U);
}

TEST_F(SegmentStoreBatchTest, stops_at_a_line_that_it_can_never_hold) {
  store = open();
  for (std::uint64_t offset = 0; offset < 10; ++offset) {
    add(0, offset, offset == 6 ? options.capacity : 0);
  }
  const auto appended = append_batch();
  EXPECT_EQ(appended.lines, 6U);
  EXPECT_EQ(appended.rest, AppendResult::kNoRoom);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2, 3, 4, 5}));
}

TEST_F(SegmentStoreBatchTest, stops_at_a_line_with_the_mark_of_a_record) {
  store = open();
  for (std::uint64_t offset = 0; offset < 4; ++offset) add(0, offset);
  texts[2]->replace(1, kRecordMark.size(), kRecordMark);
  batch[2].bytes = *texts[2];
  const auto appended = append_batch();
  EXPECT_EQ(appended.lines, 2U);
  EXPECT_EQ(appended.rest, AppendResult::kNoRoom);
}

TEST_F(SegmentStoreBatchTest, says_how_many_had_room_and_goes_on_when_there_is_more) {
  options.capacity = 128 << 10;
  store = open();
  for (std::uint64_t offset = 0; offset < 1000; ++offset) add(0, offset, 400);
  const auto first = append_batch();
  EXPECT_EQ(first.rest, AppendResult::kNoRoom);
  EXPECT_GT(first.lines, 200U);
  EXPECT_EQ(offsets_of(*store, 0).size(), first.lines);
  EXPECT_LE(bytes_on_disk(), options.capacity);
  std::uint64_t dropped = 0;
  for (std::size_t done = first.lines; done < batch.size();) {
    const std::uint64_t gone = count_of(store->drop_oldest());
    ASSERT_GT(gone, 0U);
    dropped += gone;
    done += store->append(std::span(batch).subspan(done)).lines;
    ASSERT_LE(bytes_on_disk(), options.capacity);
  }
  reopen();
  const auto left = offsets_of(*store, 0);
  EXPECT_EQ(left.size() + dropped, 1000U);
  EXPECT_EQ(left.front(), dropped) << "the oldest went";
}

TEST_F(SegmentStoreBatchTest, has_the_last_of_several_lines_with_one_offset) {
  store = open();
  for (int i = 0; i < 3; ++i) {
    add(0, 5, 20 + i);
    add(0, 4, 30 + i);
  }
  EXPECT_EQ(append_batch().lines, 6U);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(lines_of(*store, 0),
              (std::map<std::uint64_t, std::string>{{4, text_of(4, 32)}, {5, text_of(5, 22)}}));
    reopen();
  }
}

}  // namespace
}  // namespace plotbridge::disk
