// Concern: positions are bounded, those in use stay, and what is told as kept is kept.
#include "plugin/endpoint/position_book.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;
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

  StreamTable streams{1000};
  StreamId boiler = *streams.add("boiler", "aaaaaaaaaa");
  StreamId pump = *streams.add("pump", "bbbbbbbbbb");
  Journal journal;
  PositionBook book{streams, journal, 40};
};

TEST_F(PositionBookTest, without_a_disk_what_is_applied_is_kept) {
  Position& position = use(boiler, "bridge");
  book.advance(position);
  EXPECT_EQ(book.kept(position), 1U);
  EXPECT_TRUE(journal.empty());
}

TEST_F(PositionBookTest, with_a_disk_only_what_was_written) {
  journal.start(0);
  Position& position = use(boiler, "bridge", 7);
  book.advance(position);
  const StateChanges changes = take();
  ASSERT_EQ(changes.positions.size(), 1U);
  EXPECT_EQ(changes.positions[0].key.token, "aaaaaaaaaa");
  EXPECT_EQ(changes.positions[0].epoch, 7U);
  EXPECT_EQ(changes.positions[0].next, 1U);
  book.advance(position);
  EXPECT_EQ(book.kept(position), 0U);
  book.taken_are_kept();
  EXPECT_EQ(book.kept(position), 1U);
  EXPECT_EQ(take().positions[0].next, 2U);
  book.taken_have_failed();
  EXPECT_EQ(book.kept(position), 1U);
  EXPECT_FALSE(journal.empty());
  EXPECT_EQ(take().positions[0].next, 2U);
  book.taken_are_kept();
  EXPECT_EQ(book.kept(position), 2U);
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
  book.advance(first);
  book.leave(first);
  take();
  for (int i = 0; i < 20; ++i) use_and_leave(boiler, "p" + std::to_string(i));
  Position& again = use(boiler, "p");
  book.taken_are_kept();
  EXPECT_EQ(book.kept(again), 0U);
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
  book.restore({{"aaaaaaaaaa", "bridge"}, 3, 9});
  book.restore({{"cccccccccc", "bridge"}, 3, 9});
  EXPECT_EQ(book.size(), 1U);
  EXPECT_EQ(book.kept(*book.find(boiler, "bridge")), 9U);
  const StateChanges changes = take();
  ASSERT_EQ(changes.gone_positions.size(), 1U);
  EXPECT_EQ(changes.gone_positions[0].token, "cccccccccc");
}

}  // namespace
}  // namespace plotbridge::endpoint
