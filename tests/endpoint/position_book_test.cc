// Concern: positions are bounded, those in use stay, and what is told as kept is kept.
#include "plugin/endpoint/position_book.h"

#include "plugin/base/heap_bytes.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;
using Verdict = PositionBook::Verdict;
using Ranges = std::vector<OffsetRange>;

class PositionBookTest : public ::testing::Test {
 protected:
  StateChanges take() {
    StateChanges changes;
    book.take(changes);
    journal.take_positions();
    return changes;
  }
  Position& use(StreamId of, const std::string& producer, std::uint32_t epoch = 1) {
    return book.use(of, producer, epoch, kStart);
  }
  void use_and_leave(StreamId of, const std::string& producer) { book.leave(use(of, producer)); }
  void add_next(Position& position) {
    const std::uint64_t next = position.applied.first_gap(0);
    book.add(position, {next, next + 1});
  }
  /// Every second offset from 0 on.
  void fill_with_gaps(Position& position, std::size_t ranges) {
    for (std::uint64_t i = 0; i < ranges; ++i) {
      ASSERT_EQ(book.judge(position, 2 * i), Verdict::kNew) << i;
      book.add(position, {2 * i, 2 * i + 1});
    }
  }

  StreamTable streams{1000};
  StreamId boiler = *streams.add("boiler", "aaaaaaaaaa");
  StreamId pump = *streams.add("pump", "bbbbbbbbbb");
  Journal journal;
  PositionBook book{streams, journal, 40};
};

TEST_F(PositionBookTest, without_a_disk_what_is_applied_is_kept) {
  Position& position = use(boiler, "bridge");
  add_next(position);
  EXPECT_EQ(book.kept(position).ranges(), (Ranges{{0, 1}}));
  EXPECT_TRUE(journal.empty());
}

TEST_F(PositionBookTest, with_a_disk_only_what_was_written) {
  journal.start(0);
  Position& position = use(boiler, "bridge", 7);
  add_next(position);
  book.add(position, {7, 9});
  const StateChanges changes = take();
  ASSERT_EQ(changes.positions.size(), 1U);
  EXPECT_EQ(changes.positions[0].key.token, "aaaaaaaaaa");
  EXPECT_EQ(changes.positions[0].epoch, 7U);
  EXPECT_EQ(changes.positions[0].have, "0-1,7-9");
  add_next(position);
  EXPECT_TRUE(book.kept(position).empty());
  book.taken_are_kept();
  EXPECT_EQ(book.kept(position).ranges(), (Ranges{{0, 1}, {7, 9}}));
  EXPECT_EQ(take().positions[0].have, "0-2,7-9");
  book.taken_have_failed();
  EXPECT_EQ(book.kept(position).ranges(), (Ranges{{0, 1}, {7, 9}}));
  EXPECT_FALSE(journal.empty());
  EXPECT_EQ(take().positions[0].have, "0-2,7-9");
  book.taken_are_kept();
  EXPECT_EQ(book.kept(position).ranges(), (Ranges{{0, 2}, {7, 9}}));
  EXPECT_TRUE(take().positions.empty());
}

TEST_F(PositionBookTest, of_a_stream_are_few_and_the_one_not_used_for_longest_goes) {
  journal.start(0);
  use_and_leave(pump, "bridge");
  use(boiler, "held");
  for (int i = 0; i < 30; ++i) use_and_leave(boiler, "p" + std::to_string(i));
  use_and_leave(boiler, "p16");
  use_and_leave(boiler, "another");
  EXPECT_EQ(book.size(), 1 + PositionBook::kMostOfStream);
  EXPECT_NE(book.find(boiler, "held"), nullptr);
  EXPECT_NE(book.find(boiler, "p16"), nullptr);
  EXPECT_EQ(book.find(boiler, "p15"), nullptr);
  EXPECT_NE(book.find(pump, "bridge"), nullptr);
  const StateChanges changes = take();
  EXPECT_EQ(changes.positions.size(), book.size());
  EXPECT_EQ(changes.gone_positions.size(), 16U);
  book.taken_have_failed();
  EXPECT_EQ(take().gone_positions.size(), 16U);
}

TEST_F(PositionBookTest, of_all_streams_are_bounded) {
  Position& held = use(boiler, "held");
  for (int i = 0; i < 100; ++i) {
    use_and_leave(*streams.add("", "token" + std::to_string(i)), "bridge");
    ASSERT_LE(book.size(), 40U);
  }
  EXPECT_EQ(book.find(boiler, "held"), &held);
  EXPECT_EQ(book.find(*streams.find("token0"), "bridge"), nullptr);
  EXPECT_NE(book.find(*streams.find("token99"), "bridge"), nullptr);
}

TEST_F(PositionBookTest, one_that_comes_anew_has_nothing_from_the_one_that_went) {
  journal.start(0);
  Position& first = use(boiler, "p");
  add_next(first);
  book.leave(first);
  take();
  for (int i = 0; i < 20; ++i) use_and_leave(boiler, "p" + std::to_string(i));
  Position& again = use(boiler, "p");
  book.taken_are_kept();
  EXPECT_TRUE(book.kept(again).empty());
  const StateChanges changes = take();
  EXPECT_EQ(changes.gone_positions.front().producer, "p");
  EXPECT_EQ(changes.positions.back().key.producer, "p");
}

TEST_F(PositionBookTest, that_only_beats_is_written_now_and_then) {
  journal.start(0);
  Position& position = use(boiler, "bridge");
  take();
  book.taken_are_kept();
  book.hear(position, kStart + 59min);
  EXPECT_TRUE(take().positions.empty());
  book.hear(position, kStart + 61min);
  EXPECT_EQ(take().positions.size(), 1U);
}

TEST_F(PositionBookTest, from_an_earlier_run_are_kept_already) {
  journal.start(0);
  book.restore({{"aaaaaaaaaa", "bridge"}, 3, "0-9"});
  book.restore({{"cccccccccc", "bridge"}, 3, "0-9"});
  EXPECT_EQ(book.size(), 1U);
  EXPECT_EQ(book.kept(*book.find(boiler, "bridge")).ranges(), (Ranges{{0, 9}}));
  const StateChanges changes = take();
  ASSERT_EQ(changes.gone_positions.size(), 1U);
  EXPECT_EQ(changes.gone_positions[0].token, "cccccccccc");
}

TEST_F(PositionBookTest, have_so_many_ranges_and_no_more_but_any_gap_is_filled) {
  Position& position = use(boiler, "bridge");
  fill_with_gaps(position, PositionBook::kMostRanges);
  const std::uint64_t beyond = 2 * PositionBook::kMostRanges;
  EXPECT_EQ(book.judge(position, beyond), Verdict::kNoRoom);
  EXPECT_EQ(book.judge(position, 5 * beyond), Verdict::kNoRoom);
  EXPECT_FALSE(book.has_room(position, {beyond, beyond + 10}));
  EXPECT_EQ(book.judge(position, 2), Verdict::kHasIt);
  EXPECT_EQ(book.judge(position, beyond - 1), Verdict::kNew) << "behind the last range";
  EXPECT_EQ(book.judge(position, 1), Verdict::kNew) << "a gap";
  EXPECT_TRUE(book.has_room(position, {3, 100}));
  book.add(position, {1, 2});
  EXPECT_EQ(book.judge(position, beyond), Verdict::kNew) << "two ranges have become one";
  EXPECT_EQ(book.judge(use(pump, "bridge"), beyond), Verdict::kNew);
}

TEST_F(PositionBookTest, of_all_have_so_many_ranges_beyond_one_each) {
  PositionBook large(streams, journal, 1000);
  std::vector<Position*> all;
  for (std::size_t i = 0; large.further_ranges() < PositionBook::kMostFurtherRanges; ++i) {
    Position& position = large.use(*streams.add("", "token" + std::to_string(i)), "p", 1, kStart);
    all.push_back(&position);
    for (std::uint64_t at = 0; large.has_room(position, {at, at + 1}); at += 2) {
      large.add(position, {at, at + 1});
    }
  }
  EXPECT_EQ(large.further_ranges(), PositionBook::kMostFurtherRanges);
  EXPECT_LE(all.back()->applied.ranges().size(), PositionBook::kMostRanges);
  Position& another = large.use(boiler, "another", 1, kStart);
  EXPECT_EQ(large.judge(another, 7), Verdict::kNew) << "the first range of each has room";
  large.add(another, {7, 8});
  EXPECT_EQ(large.judge(another, 8), Verdict::kNew);
  EXPECT_EQ(large.judge(another, 9), Verdict::kNoRoom);
  // Who fills a gap makes room for others, and so does who goes.
  large.add(*all.front(), {1, 2});
  EXPECT_EQ(large.judge(another, 9), Verdict::kNew);
  large.add(another, {9, 10});
  EXPECT_EQ(large.judge(another, 11), Verdict::kNoRoom);
  large.leave(*all[1]);
  large.forget(all[1]->stream);
  EXPECT_EQ(large.judge(another, 11), Verdict::kNew);
  EXPECT_EQ(large.further_ranges(),
            PositionBook::kMostFurtherRanges - (PositionBook::kMostRanges - 1));
}

TEST_F(PositionBookTest, end_where_offsets_do) {
  Position& position = use(boiler, "bridge");
  EXPECT_EQ(book.judge(position, kOffsetsEnd), Verdict::kNoRoom);
  EXPECT_FALSE(book.has_room(position, {0, kOffsetsEnd + 1}));
  ASSERT_EQ(book.judge(position, kOffsetsEnd - 1), Verdict::kNew);
  book.add(position, {kOffsetsEnd - 1, kOffsetsEnd});
  EXPECT_EQ(book.judge(position, kOffsetsEnd), Verdict::kNoRoom);
  EXPECT_TRUE(book.has_room(position, {0, kOffsetsEnd}));
  book.add(position, {0, kOffsetsEnd});
  EXPECT_EQ(position.applied.size(), kOffsetsEnd);
}

// What a position of the usual kind takes, and one with as many ranges as it may have; once their
// gaps are filled it is small again.
TEST_F(PositionBookTest, take_little_memory) {
  journal.start(0);
  const auto ranges_bytes = [](const Position& position) {
    return heap_bytes_flat(position.applied.ranges()) + heap_bytes_flat(position.kept.ranges());
  };
  const auto keep = [this] {
    take();
    book.taken_are_kept();
  };
  Position& usual = use(boiler, "bridge");
  for (int i = 0; i < 100'000; ++i) add_next(usual);
  keep();
  EXPECT_LE(sizeof(Position) + ranges_bytes(usual), 256U);

  Position& worst = use(boiler, "worst");
  fill_with_gaps(worst, PositionBook::kMostRanges);
  keep();
  constexpr std::size_t kOnce = PositionBook::kMostRanges * sizeof(OffsetRange);
  EXPECT_GE(ranges_bytes(worst), 2 * kOnce);
  EXPECT_LE(ranges_bytes(worst), 3 * kOnce) << "a vector that grew has twice what it needs";
  book.add(worst, {0, 2 * PositionBook::kMostRanges});
  keep();
  EXPECT_LE(ranges_bytes(worst), 1024U);
}

}  // namespace
}  // namespace plotbridge::endpoint
