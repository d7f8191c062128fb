// Concern: the spool takes no more disk than it may and no lines older than they may be; what goes
// for that is the oldest, and it is told.
#include "tests/disk/spool_fixture.h"

namespace plotbridge::disk {
namespace {

using std::chrono::hours;
using Ids = std::vector<std::uint64_t>;

class SegmentStoreLimitsTest : public SpoolFixture {
 protected:
  /// As intake does with drop_oldest.
  void append_and_drop_oldest(std::size_t stream, std::uint64_t id) {
    while (append(stream, id) == Kept::kNoRoom) {
      const auto all_lost = store->give_up_oldest();
      ASSERT_FALSE(all_lost.empty());
      for (const Lost& one : all_lost) {
        EXPECT_EQ(one.first_id, lost[one.stream]) << "the oldest, without a hole";
        lost[one.stream] += one.lines;
        EXPECT_EQ(one.end_id, lost[one.stream]);
      }
    }
  }

  std::map<std::size_t, std::uint64_t> lost;
};

TEST_F(SegmentStoreLimitsTest, keeps_the_newest_lines_within_its_capacity) {
  store = open();
  for (std::uint64_t id = 0; id < 30'000; ++id) {
    append_and_drop_oldest(0, id);
    append_and_drop_oldest(1, id);
    if (id % 1000 == 0) {
      ASSERT_LE(bytes_on_disk(), options.capacity);
    }
  }
  EXPECT_LE(bytes_on_disk(), options.capacity);
  EXPECT_GT(bytes_on_disk(), options.capacity / 2);
  EXPECT_EQ(store->gauges(kNoon).bytes, bytes_on_disk());
  for (std::size_t stream : {0U, 1U}) {
    const auto lines = lines_of(*store, stream);
    EXPECT_EQ(lines.size() + lost[stream], 30'000U) << "lost or present";
    EXPECT_EQ(lines.rbegin()->first, 29'999U) << "the newest is there";
  }
  EXPECT_EQ(store->gauges(kNoon).given_up, lost[0] + lost[1]);
  reopen();
  EXPECT_EQ(store->recovered(0).lines + lost[0], 30'000U);
}

TEST_F(SegmentStoreLimitsTest, goes_on_when_the_only_file_is_given_up) {
  store = open();
  append_all(0, 0, 5);
  store->number(0, {0, 77});
  const auto all_lost = store->give_up_oldest();
  ASSERT_EQ(all_lost.size(), 1U);
  EXPECT_EQ(all_lost[0].lines, 5U);
  EXPECT_TRUE(store->give_up_oldest().empty()) << "there are none left";
  append_all(0, 5, 6);
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (Ids{5}));
  EXPECT_EQ(store->recovered(0).numberings.at(0).number, 77U);
}

TEST_F(SegmentStoreLimitsTest, counts_only_lines_that_were_not_released_as_lost) {
  store = open();
  append_all(0, 0, 10);
  store->release(0, 0, 3);
  store->release(0, 5, 6);
  const auto all_lost = store->give_up_oldest();
  ASSERT_EQ(all_lost.size(), 1U);
  EXPECT_EQ(all_lost[0].first_id, 3U);
  EXPECT_EQ(all_lost[0].end_id, 10U);
  EXPECT_EQ(all_lost[0].lines, 6U);
}

TEST_F(SegmentStoreLimitsTest, has_no_room_for_a_line_larger_than_itself_even_when_empty) {
  store = open();
  const std::string line = text_of(1, options.capacity);
  EXPECT_EQ(store->append(0, {1, line, kNoon}), Kept::kNoRoom);
  EXPECT_TRUE(store->give_up_oldest().empty());
  EXPECT_EQ(append(0, 2), Kept::kYes);
}

TEST_F(SegmentStoreLimitsTest, makes_room_from_what_nobody_waits_for_before_it_says_no) {
  store = open();
  std::uint64_t id = 0;
  while (append(0, id) == Kept::kYes) ++id;
  options.streams = {"kiln"};
  reopen();
  append_all(0, 0, 10'000);
  EXPECT_GT(store->gauges(kNoon).given_up, 0U);
  EXPECT_LE(bytes_on_disk(), options.capacity);
}

TEST_F(SegmentStoreLimitsTest, writes_releases_down_when_lines_have_used_up_their_room) {
  store = open();
  std::uint64_t id = 0;
  while (append(0, id) == Kept::kYes) ++id;
  for (std::uint64_t done = 0; done < 500; ++done) {
    store->release(0, done, done + 1);
    store->flush();
  }
  EXPECT_LE(bytes_on_disk(), options.capacity);
  reopen();
  EXPECT_EQ(store->recovered(0).front_id, 500U);
}

TEST_F(SegmentStoreLimitsTest, with_less_capacity_than_before_keeps_the_newest) {
  store = open();
  append_all(0, 0, 10'000);
  options.capacity = 200'000;
  reopen();
  EXPECT_LE(bytes_on_disk(), options.capacity);
  EXPECT_EQ(lines_of(*store, 0).rbegin()->first, 9'999U);
}

TEST_F(SegmentStoreLimitsTest, gives_up_what_is_too_old_piece_by_piece) {
  options.max_age = hours(8);
  store = open();
  for (std::uint64_t hour = 0; hour < 8; ++hour) {
    append(0, hour, kNoon + hours(hour));
  }
  EXPECT_TRUE(store->expire(kNoon + hours(8)).empty());
  const auto all_lost = store->expire(kNoon + hours(10) + std::chrono::minutes(1));
  std::size_t lines = 0;
  for (const Lost& one : all_lost) lines += one.lines;
  EXPECT_EQ(lines, 3U);
  EXPECT_EQ(ids_of(*store, 0), (Ids{3, 4, 5, 6, 7}));
  store->expire(kNoon + hours(100));
  EXPECT_TRUE(ids_of(*store, 0).empty());
}

TEST_F(SegmentStoreLimitsTest, tells_the_age_of_the_oldest_line) {
  store = open();
  EXPECT_EQ(store->gauges(kNoon).oldest_age, Duration(0));
  for (std::uint64_t second = 0; second < 3600; ++second) {
    append(0, second, kNoon + std::chrono::seconds(second));
  }
  const WallTime now = kNoon + std::chrono::seconds(3600);
  EXPECT_EQ(store->gauges(now).oldest_age, hours(1));
  store->release(0, 0, 3590);
  EXPECT_GE(store->gauges(now).oldest_age, std::chrono::seconds(10));
  EXPECT_LE(store->gauges(now).oldest_age, std::chrono::minutes(10));
  store->release(0, 3590, 3600);
  EXPECT_EQ(store->gauges(now).oldest_age, Duration(0));
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
  EXPECT_EQ(ids_of(*store, 0), (Ids{4})) << "what came from the future went with its neighbours";
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
    store->see_clocks({steady_, wall_});
  }
  /// Somebody sets the wall clock.
  void set(Duration by) {
    wall_ += by;
    store->see_clocks({steady_, wall_});
  }
  void append_now(std::uint64_t id) { ASSERT_EQ(append(0, id, wall_), Kept::kYes); }
  Ids left() {
    store->expire(wall_);
    return ids_of(*store, 0);
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
  EXPECT_EQ(left(), (Ids{0, 1}));
  reopen();
  pass(hours(2));
  EXPECT_EQ(oldest_age(), hours(25)) << "also after a restart";
  EXPECT_EQ(left(), (Ids{1}));
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
  EXPECT_EQ(left(), (Ids{0, 1, 2})) << "1 is not of next year, so 0 is not old";
  pass(hours(25));
  EXPECT_TRUE(left().empty());
}

TEST_F(SpoolClockTest, that_is_put_back_keeps_no_line_for_ever) {
  append_now(0);
  set(-2 * kYear);
  append_now(1);
  EXPECT_EQ(left(), (Ids{0, 1}));
  pass(hours(25));
  EXPECT_EQ(oldest_age(), hours(25));
  EXPECT_TRUE(left().empty());
}

TEST_F(SpoolClockTest, begins_anew_where_nothing_waits) {
  append_now(0);
  set(kYear);
  const std::string identity = options.directory + "/spool.identity";
  EXPECT_NE(bytes_of(identity).find("clock_behind_ms 31536000000\n"), std::string::npos);
  store->release(0, 0, 1);
  store->flush(true);
  reopen();
  EXPECT_EQ(bytes_of(identity).find("clock"), std::string::npos) << bytes_of(identity);
  pass(hours(0));
  append_now(1);
  EXPECT_EQ(oldest_age(), hours(0));
}

}  // namespace
}  // namespace plotbridge::disk
