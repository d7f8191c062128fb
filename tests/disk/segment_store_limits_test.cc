// Concern: the spool takes no more disk than it may and no lines older than they may be; what goes
// for that is the oldest, and it is told.
#include "tests/disk/spool_fixture.h"

namespace plotbridge::disk {
namespace {

using std::chrono::hours;

class SegmentStoreLimitsTest : public SpoolFixture {
 protected:
  /// As the outbox does with drop_oldest.
  void append_and_drop_oldest(std::size_t stream, std::uint64_t offset) {
    while (append(stream, offset) == AppendResult::kNoRoom) {
      const auto all = store->drop_oldest();
      ASSERT_FALSE(all.empty());
      for (const DroppedLines& one : all) {
        ASSERT_EQ(one.offsets.size(), 1U);
        EXPECT_EQ(one.offsets[0].from, dropped[one.stream]) << "the oldest, without a hole";
        dropped[one.stream] = one.offsets[0].to;
      }
    }
  }

  std::map<std::size_t, std::uint64_t> dropped;
};

TEST_F(SegmentStoreLimitsTest, keeps_the_newest_lines_within_its_capacity) {
  store = open();
  for (std::uint64_t offset = 0; offset < 30'000; ++offset) {
    append_and_drop_oldest(0, offset);
    append_and_drop_oldest(1, offset);
    if (offset % 1000 == 0) {
      ASSERT_LE(bytes_on_disk(), options.capacity);
    }
  }
  EXPECT_LE(bytes_on_disk(), options.capacity);
  EXPECT_GT(bytes_on_disk(), options.capacity / 2);
  EXPECT_EQ(store->gauges(kNoon).bytes, bytes_on_disk());
  for (std::size_t stream : {0U, 1U}) {
    const auto lines = lines_of(*store, stream);
    EXPECT_EQ(lines.size() + dropped[stream], 30'000U) << "dropped or present";
    EXPECT_EQ(lines.rbegin()->first, 29'999U) << "the newest is there";
  }
  EXPECT_EQ(store->gauges(kNoon).dropped, dropped[0] + dropped[1]);
  reopen();
  EXPECT_EQ(lines_left(0) + dropped[0], 30'000U);
  EXPECT_EQ(store->recovered(0).resolved.ranges(), (Ranges{{0, dropped[0]}}));
}

TEST_F(SegmentStoreLimitsTest, goes_on_when_the_only_file_is_dropped) {
  store = open();
  append_all(0, 0, 5);
  ASSERT_TRUE(store->reserve(0, 77));
  ASSERT_TRUE(store->reserve(1, 88));
  EXPECT_EQ(count_of(store->drop_oldest()), 5U);
  EXPECT_TRUE(store->drop_oldest().empty()) << "there are none left";
  append_all(0, 5, 6);
  EXPECT_EQ(append(0, 2), AppendResult::kYes) << "somebody still had it";
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{2, 5}));
  EXPECT_EQ(store->recovered(0).end, 77U);
  EXPECT_EQ(store->recovered(1).end, 88U);
}

TEST_F(SegmentStoreLimitsTest, drops_only_lines_that_were_not_resolved) {
  store = open();
  append_all(0, 0, 10);
  append_all(1, 3, 4);
  store->resolve(0, {0, 3});
  store->resolve(0, {5, 6});
  const auto all = store->drop_oldest();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].stream, 0U);
  EXPECT_EQ(all[0].offsets, (Ranges{{3, 5}, {6, 10}}));
  EXPECT_EQ(all[1].stream, 1U);
  EXPECT_EQ(all[1].offsets, (Ranges{{3, 4}}));
  EXPECT_EQ(store->gauges(kNoon).dropped, 7U);
}

TEST_F(SegmentStoreLimitsTest, drops_a_line_with_the_file_in_which_it_was_written_last) {
  store = open();
  append_all(0, 0, 10);
  reopen();
  append_all(0, 10, 12);
  ASSERT_EQ(append(0, 4, "{\"new\":4}\n"), AppendResult::kYes);
  auto all = store->drop_oldest();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].offsets, (Ranges{{0, 4}, {5, 10}}));
  EXPECT_EQ(lines_of(*store, 0), (std::map<std::uint64_t, std::string>{
                                     {4, "{\"new\":4}\n"}, {10, text_of(10)}, {11, text_of(11)}}));
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{4, 10, 11}));
  all = store->drop_oldest();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].offsets, (Ranges{{4, 5}, {10, 12}}));
  reopen();
  EXPECT_TRUE(offsets_of(*store, 0).empty());
  EXPECT_EQ(store->recovered(0).end, 12U);
}

TEST_F(SegmentStoreLimitsTest, no_older_record_comes_back_when_the_newer_one_makes_room) {
  options.capacity = 128 << 10;
  options.streams = {"boiler", "kiln"};
  store = open();
  append_all(0, 0, 1);
  append_all(1, 0, 3);
  reopen();
  ASSERT_EQ(append(1, 1, "{\"new\":1}\n"), AppendResult::kYes);  // its file has this alone
  options.streams = {"boiler"};                                  // so that nobody misses it
  reopen();
  std::uint64_t offset = 1;
  while (append(0, offset) == AppendResult::kYes) ++offset;
  ASSERT_NE(segments()[1], "00000000000000000002.spool") << "it made room";
  options.streams = {"boiler", "kiln"};
  reopen();
  EXPECT_EQ(offsets_of(*store, 1), (Offsets{0, 2})) << "the old 1 does not come back";
  EXPECT_EQ(store->recovered(1).resolved.ranges(), (Ranges{{1, 2}}));
  EXPECT_EQ(lines_left(0), offset);
}

TEST_F(SegmentStoreLimitsTest, no_older_record_comes_back_when_a_resolved_one_makes_room) {
  options.capacity = 128 << 10;
  store = open();
  append_all(1, 0, 3);
  reopen();
  ASSERT_EQ(append(1, 1, "{\"new\":1}\n"), AppendResult::kYes);
  reopen();
  store->resolve(1, {1, 2});  // and nobody flushes
  std::uint64_t offset = 0;
  while (append(0, offset) == AppendResult::kYes) ++offset;
  ASSERT_NE(segments()[1], "00000000000000000002.spool") << "it made room";
  reopen();
  EXPECT_EQ(offsets_of(*store, 1), (Offsets{0, 2}));
}

TEST_F(SegmentStoreLimitsTest, has_no_room_for_a_line_larger_than_itself_even_when_empty) {
  store = open();
  EXPECT_EQ(append(0, 1, text_of(1, options.capacity)), AppendResult::kNoRoom);
  EXPECT_TRUE(store->drop_oldest().empty());
  EXPECT_EQ(append(0, 2), AppendResult::kYes);
}

TEST_F(SegmentStoreLimitsTest, makes_room_from_what_nobody_waits_for_before_it_says_no) {
  store = open();
  std::uint64_t offset = 0;
  while (append(0, offset) == AppendResult::kYes) ++offset;
  options.streams = {"kiln"};
  reopen();
  append_all(0, 0, 10'000);
  EXPECT_GT(store->gauges(kNoon).dropped, 0U);
  EXPECT_LE(bytes_on_disk(), options.capacity);
}

TEST_F(SegmentStoreLimitsTest, writes_down_what_is_resolved_when_lines_have_used_up_their_room) {
  store = open();
  std::uint64_t offset = 0;
  while (append(0, offset) == AppendResult::kYes) ++offset;
  for (std::uint64_t done = 0; done < 500; ++done) {
    store->resolve(0, {done, done + 1});
    store->flush();
  }
  ASSERT_TRUE(store->reserve(1, 1000));
  EXPECT_LE(bytes_on_disk(), options.capacity);
  reopen();
  EXPECT_EQ(offsets_of(*store, 0).front(), 500U);
  EXPECT_EQ(store->recovered(1).end, 1000U);
}

TEST_F(SegmentStoreLimitsTest, with_less_capacity_than_before_keeps_the_newest) {
  store = open();
  append_all(0, 0, 10'000);
  options.capacity = 200'000;
  reopen();
  EXPECT_LE(bytes_on_disk(), options.capacity);
  EXPECT_EQ(lines_of(*store, 0).rbegin()->first, 9'999U);
}

TEST_F(SegmentStoreLimitsTest, drops_what_is_too_old_piece_by_piece) {
  options.max_age = hours(8);
  store = open();
  for (std::uint64_t hour = 0; hour < 8; ++hour) {
    append(0, hour, kNoon + hours(hour));
  }
  EXPECT_TRUE(store->expire(kNoon + hours(8)).empty());
  EXPECT_EQ(count_of(store->expire(kNoon + hours(10) + std::chrono::minutes(1))), 3U);
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{3, 4, 5, 6, 7}));
  store->expire(kNoon + hours(100));
  EXPECT_TRUE(offsets_of(*store, 0).empty());
}

TEST_F(SegmentStoreLimitsTest, no_older_record_comes_back_when_the_newer_one_expires) {
  options.max_age = hours(8);
  store = open();
  append(0, 0, kNoon);
  append(0, 1, kNoon);
  append(1, 0, kNoon + hours(24 * 365));  // in a file of its own, and not old for long
  ASSERT_EQ(append({0, 1, "{\"new\":1}\n", kNoon + hours(2)}), AppendResult::kYes);
  store->resolve(0, {0, 1});
  ASSERT_EQ(segments().size(), 3U);
  for (int run = 0; run < 2; ++run) {
    const auto all = store->expire(kNoon + hours(11));
    EXPECT_EQ(count_of(all), run == 0 ? 2U : 0U) << "what came from the future, too";
    EXPECT_TRUE(offsets_of(*store, 0).empty());
    reopen();
    EXPECT_EQ(store->recovered(0).end, 2U);
    EXPECT_EQ(lines_left(0), 0U);
  }
}

TEST_F(SegmentStoreLimitsTest, tells_the_age_of_the_oldest_line) {
  store = open();
  EXPECT_EQ(store->gauges(kNoon).oldest_age, Duration(0));
  for (std::uint64_t second = 0; second < 3600; ++second) {
    append(0, second, kNoon + std::chrono::seconds(second));
  }
  const WallTime now = kNoon + std::chrono::seconds(3600);
  EXPECT_EQ(store->gauges(now).oldest_age, hours(1));
  append(0, 3600, kNoon + std::chrono::seconds(3599));
  append(0, 4000, kNoon + std::chrono::seconds(3600));
  store->resolve(0, {0, 3590});
  EXPECT_GE(store->gauges(now).oldest_age, std::chrono::seconds(10));
  EXPECT_LE(store->gauges(now).oldest_age, std::chrono::minutes(10));
  store->resolve(0, {3590, 4001});
  EXPECT_EQ(store->gauges(now).oldest_age, Duration(0));
}

TEST_F(SegmentStoreLimitsTest, tells_the_age_of_a_line_that_came_behind_younger_ones) {
  store = open();
  const WallTime now = kNoon + hours(1);
  append(0, 10, now);
  append(0, 20, now);
  append(0, 5, kNoon);
  EXPECT_EQ(store->gauges(now).oldest_age, hours(1));
  append(0, 15, kNoon - hours(1));
  EXPECT_EQ(store->gauges(now).oldest_age, hours(2));
  store->resolve(0, {5, 6});
  EXPECT_EQ(store->gauges(now).oldest_age, hours(2));
}

TEST_F(SegmentStoreLimitsTest, is_not_harmed_by_a_clock_that_jumps) {
  store = open();
  append(0, 0, kNoon);
  append(0, 1, kNoon + hours(24 * 365));  // and back again
  append(0, 2, kNoon);
  EXPECT_EQ(store->gauges(kNoon - hours(1)).oldest_age, Duration(0)) << "never negative";
  EXPECT_TRUE(store->expire(kNoon + hours(1)).empty());
  EXPECT_TRUE(store->expire(WallTime()).empty()) << "a clock that was not set yet";
  append(0, 3, WallTime(hours(1)));
  append(0, 4, kNoon + hours(4));
  EXPECT_TRUE(store->expire(kNoon + hours(5)).empty()) << "3 came behind what is younger";
  store->expire(kNoon + hours(24) + std::chrono::minutes(1));
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{4}))
      << "what came from the future went with its neighbours";
}

class SpoolClockTest : public SegmentStoreLimitsTest {
 protected:
  void SetUp() override {
    store = open();
    pass(hours(0));
  }
  /// Time goes by, and both clocks show it.
  void pass(Duration duration) {
    steady_ += duration;
    wall_ += duration;
    store->on_clock_tick({steady_, wall_});
  }
  /// Somebody sets the wall clock.
  void set(Duration by) {
    wall_ += by;
    store->on_clock_tick({steady_, wall_});
  }
  void append_now(std::uint64_t offset) { ASSERT_EQ(append(0, offset, wall_), AppendResult::kYes); }
  Offsets left() {
    store->expire(wall_);
    return offsets_of(*store, 0);
  }
  Duration oldest_age() { return store->gauges(wall_).oldest_age; }

  static constexpr Duration kYear = hours(24 * 365);

  TimePoint steady_{hours(1)};
  WallTime wall_ = kNoon;
};

TEST_F(SpoolClockTest, that_is_put_forward_makes_no_line_older) {
  wall_ = WallTime(hours(1));  // a gateway without a battery
  reopen();
  pass(hours(0));
  append_now(0);
  pass(hours(4));
  set(56 * kYear);
  append_now(1);
  EXPECT_EQ(oldest_age(), hours(4));
  pass(hours(19));
  EXPECT_EQ(left(), (Offsets{0, 1}));
  reopen();
  pass(hours(2));
  EXPECT_EQ(oldest_age(), hours(25)) << "also after a restart";
  EXPECT_EQ(left(), (Offsets{1}));
  pass(hours(4));
  EXPECT_TRUE(left().empty());
}

TEST_F(SpoolClockTest, goes_on_where_a_gateway_begins_at_the_same_wrong_time_each_day) {
  for (std::uint64_t day = 0; day < 5; ++day) {
    wall_ = WallTime(hours(1));
    reopen();
    pass(hours(0));
    append_now(3 * day);
    set(56 * kYear + hours(24 * day));
    append_now(3 * day + 1);
    pass(hours(10));
    append_now(3 * day + 2);
  }
  EXPECT_EQ(left().front(), 8U) << "it is on for ten hours a day";
  EXPECT_EQ(oldest_age(), hours(20));
  pass(hours(25));
  EXPECT_TRUE(left().empty());
}

TEST_F(SpoolClockTest, stamps_no_line_with_a_time_that_was_set_a_moment_ago) {
  append_now(0);
  wall_ += kYear;  // nobody has seen it yet
  append_now(1);
  set(hours(0));
  append_now(2);
  reopen();
  pass(hours(0));
  EXPECT_EQ(left(), (Offsets{0, 1, 2})) << "1 is not of next year, so 0 is not old";
  pass(hours(25));
  EXPECT_TRUE(left().empty());
}

TEST_F(SpoolClockTest, that_is_put_back_keeps_no_line_for_ever) {
  append_now(0);
  set(-2 * kYear);
  append_now(1);
  EXPECT_EQ(left(), (Offsets{0, 1}));
  pass(hours(25));
  EXPECT_EQ(oldest_age(), hours(25));
  EXPECT_TRUE(left().empty());
}

TEST_F(SpoolClockTest, begins_anew_where_nothing_waits) {
  append_now(0);
  set(kYear);
  const std::string identity = options.directory + "/spool.identity";
  EXPECT_NE(bytes_of(identity).find("clock_behind_ms 31536000000\n"), std::string::npos);
  store->resolve(0, {0, 1});
  store->flush(true);
  reopen();
  EXPECT_EQ(bytes_of(identity).find("clock"), std::string::npos) << bytes_of(identity);
  pass(hours(0));
  append_now(1);
  EXPECT_EQ(oldest_age(), hours(0));
}

}  // namespace
}  // namespace plotbridge::disk
