// Concern: a spool that is full drops what it was told to, counts it once, or has messages wait
// with the broker.
#include "tests/app/outbox_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plotbridge::app {
namespace {

class OutboxFullSpoolTest : public OutboxTest {};

TEST_F(OutboxFullSpoolTest, TheOldestLinesGoAndAreCounted) {
  test::MemoryStore store(1, 10);
  start(store);
  push_some(0, 10);
  EXPECT_EQ(push(10), (Losses{{0, Discarded::kSpoolFull}}));
  push_some(11, 20);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 10U);
  EXPECT_EQ(sent(), range(10, 20));
}

TEST_F(OutboxFullSpoolTest, WhatWentIsNotExpectedAfterARestart) {
  test::MemoryStore store(1, 10);
  start(store);
  push_some(0, 20);
  const auto left = outbox_->spill();
  EXPECT_EQ(left.kept, 10U);
  EXPECT_EQ(left.lost, 0U);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(10, 20));
}

TEST_F(OutboxFullSpoolTest, ALineInFlightMayArriveAllTheSame) {
  test::MemoryStore store(1, 10);
  start(store);
  push_some(0, 3);
  EXPECT_EQ(fill().lines, 3U);
  push_some(3, 13);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 0U) << "it is in memory";
  arrive();
  EXPECT_EQ(sent(), range(3, 13));
}

TEST_F(OutboxFullSpoolTest, AStreamWhoseLinesGoIsLookedAtAgain) {
  test::MemoryStore store(2, 10);
  start(&store, {{}, {}});
  push_some(0, 10);
  std::vector<std::size_t> dirty;
  outbox_->take_dirty(dirty);
  // Its loop may have been just about to send what another stream's line costs it now.
  for (int y = 0; y < 5; ++y) push(y, true, 1);
  outbox_->take_dirty(dirty);
  EXPECT_EQ(std::ranges::count(dirty, 0U), 1) << "or it would stall";
  EXPECT_EQ(sent(), range(5, 10));
}

TEST_F(OutboxFullSpoolTest, OrNewLinesAreDropped) {
  test::MemoryStore store(1, 10);
  policy_ = WhenSpoolFull::kDropNewest;
  start(store);
  push_some(0, 12);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 2U);
  EXPECT_EQ(sent(), range(0, 10));
}

// Found by a reader: one line that must last cost all lines that memory alone had.
TEST_F(OutboxFullSpoolTest, NewLinesMeansThoseOfTheMessageAndNotWhatWaitsInMemory) {
  test::MemoryStore store(2, 3);
  policy_ = WhenSpoolFull::kDropNewest;
  start(&store, {{}, {}});
  for (int y = 0; y < 3; ++y) push(y, true, 1);
  push_some(0, 50, false);
  EXPECT_EQ(fill().lines, 50U);
  push_some(50, 60, false);
  EXPECT_EQ(push(60), (Losses{{0, Discarded::kSpoolFull}}));
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 1U);
  lose_connection();
  EXPECT_EQ(sent(), range(0, 60));
}

TEST_F(OutboxFullSpoolTest, OrTheBrokerIsPausedAndNothingDropped) {
  test::MemoryStore store(1, 10);
  policy_ = WhenSpoolFull::kBlock;
  start(store);
  for (int y = 0; y < 14; ++y) EXPECT_TRUE(push(y).empty());
  EXPECT_TRUE(outbox_->wants_pause());
  EXPECT_EQ(sent(), range(0, 14));
  outbox_->look_for_room();
  EXPECT_FALSE(outbox_->wants_pause());
}

// Found by a reader: what memory alone had of a quiet stream kept the broker paused for ever.
TEST_F(OutboxFullSpoolTest, APauseEndsAlthoughLinesWaitInMemoryAlone) {
  test::MemoryStore store(2);
  policy_ = WhenSpoolFull::kBlock;
  start(&store, {with_capacity(4), {}});
  push_some(0, 3, false);
  store.bytes_used = std::size_t{900} << 10;
  for (int y = 0; y < 300; ++y) {
    const std::string text = "{\"y\":" + std::string(100, '1') + "}\n";
    outbox_->push(1, Line{text}, Arrival{kStart, {}, true});
  }
  outbox_->end_message();
  ASSERT_TRUE(outbox_->wants_pause());
  store.bytes_used = 0;
  outbox_->maintain_spool({});
  outbox_->look_for_room();
  EXPECT_FALSE(outbox_->wants_pause());
}

TEST_F(OutboxFullSpoolTest, AndAlthoughMemoryHasWhatTheSpoolHasToo) {
  test::MemoryStore store(1);
  start(store, with_capacity(3, config::WhenFull::kBlock), 1'500);
  store.fails = true;
  push_some(0, 5);
  ASSERT_TRUE(outbox_->wants_pause());
  store.fails = false;
  outbox_->maintain_spool({});
  outbox_->look_for_room();
  EXPECT_FALSE(outbox_->wants_pause());
}

TEST_F(OutboxFullSpoolTest, OneThatBlocksAndIsFullBlocksFromTheStart) {
  test::MemoryStore store(1);
  policy_ = WhenSpoolFull::kBlock;
  start(store);
  EXPECT_FALSE(outbox_->wants_pause());
  store.bytes_used = std::size_t{900} << 10;
  store.restart();
  start(store);
  EXPECT_TRUE(outbox_->wants_pause()) << "or each start would accept some more";
}

TEST_F(OutboxFullSpoolTest, ALineThatFillsTheSpoolAloneCostsNoOther) {
  test::MemoryStore store(1, 4);
  start(store);
  push_some(0, 4);
  const std::string text = "{\"y\":" + std::string(kStoreCapacity / 2, '1') + "}\n";
  outbox_->push(0, Line{text, 5, 1}, Arrival{kStart, {}, true});
  EXPECT_EQ(outbox_->end_message(), (Losses{{0, Discarded::kSpoolFull}}));
  EXPECT_EQ(sent(), range(0, 4));
}

// What arrived at an endpoint that may lose it with its power.

class OutboxHoldTest : public OutboxTest {
 protected:
  void arrive_all() {
    while (fill().bytes > 0) {
    }
    outbox_->arrived(0, in_flight_, kStart);
    in_flight_.clear();
    store_->flush(false);
  }
};

TEST_F(OutboxHoldTest, ItStaysForAMinuteAndIsNotSentAgain) {
  test::MemoryStore store(1);
  start(store);
  outbox_->hold_arrived(true);
  push_some(0, 3);
  arrive_all();
  EXPECT_EQ(store.lines(), 3U);
  EXPECT_EQ(outbox_->statuses()[0].queued + outbox_->statuses()[0].spooled, 0U);
  outbox_->maintain_spool({kStart + 30s, {}});
  store.flush(false);
  EXPECT_EQ(store.lines(), 3U);
  outbox_->maintain_spool({kStart + 66s, {}});
  store.flush(false);
  EXPECT_EQ(store.lines(), 0U);
}

TEST_F(OutboxHoldTest, TheNextRunHasItStill) {
  test::MemoryStore store(1);
  start(store);
  outbox_->hold_arrived(true);
  push_some(0, 3);
  arrive_all();
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3)) << "if the endpoint has lost it";
}

TEST_F(OutboxHoldTest, ItMakesRoomAndIsNoLoss) {
  test::MemoryStore store(1, 4);
  start(store);
  outbox_->hold_arrived(true);
  push_some(0, 3);
  arrive_all();
  store.flushes_when_full = true;
  for (int y = 3; y < 7; ++y) EXPECT_TRUE(push(y).empty()) << y;
  EXPECT_EQ(store.lines(), 4U);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 0U);
  EXPECT_EQ(sent(), range(3, 7));
}

}  // namespace
}  // namespace plotbridge::app
