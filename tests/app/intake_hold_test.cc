// Concern: what an endpoint has without its disk stays in the spool while it may lose it, goes
// first when the spool needs room, and is no loss then.
#include "plugin/base/clock.h"

#include "tests/app/intake_spool_fixture.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

class IntakeHoldTest : public IntakeSpoolTest {
 protected:
  void arrive(int lines) {
    std::array<char, 4096> room;
    std::size_t offset = 0;
    while (lines > 0) {
      const auto filled = intake_->fill(0, room, offset, kStart);
      ASSERT_GT(filled.lines, 0u);
      lines -= static_cast<int>(filled.lines);
    }
    ASSERT_TRUE(intake_->release_before(0, intake_->front_number(0)));
    store_->flush(false);
  }
};

TEST_F(IntakeHoldTest, WhatArrivedStaysForAMinuteAndIsNotSentAgain) {
  test::MemoryStore store(1);
  start(store);
  intake_->hold_arrived(true);
  for (int i = 0; i < 3; ++i) push(i);
  arrive(3);
  EXPECT_EQ(store.lines(), 3u);
  EXPECT_FALSE(intake_->has_unsent(0));
  intake_->see_to_spool({steady_now() + 30s, {}});
  store.flush(false);
  EXPECT_EQ(store.lines(), 3u);
  intake_->see_to_spool({steady_now() + 66s, {}});
  store.flush(false);
  EXPECT_EQ(store.lines(), 0u);
}

TEST_F(IntakeHoldTest, TheNextRunHasItStill) {
  test::MemoryStore store(1);
  start(store);
  intake_->hold_arrived(true);
  for (int i = 0; i < 3; ++i) push(i);
  arrive(3);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3)) << "if the endpoint has lost it";
}

TEST_F(IntakeHoldTest, WithoutItWhatArrivedGoesAtOnce) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 3; ++i) push(i);
  arrive(3);
  EXPECT_EQ(store.lines(), 0u);
}

TEST_F(IntakeHoldTest, ItMakesRoomAndIsNoLoss) {
  test::MemoryStore store(1, 4);
  start(store);
  intake_->hold_arrived(true);
  for (int i = 0; i < 3; ++i) push(i);
  arrive(3);
  store.flushes_when_full = true;
  for (int i = 3; i < 7; ++i) EXPECT_FALSE(push(i)) << i;
  EXPECT_EQ(store.lines(), 4u);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 0u);
  EXPECT_EQ(sent(), range(3, 7));
}

TEST_F(IntakeHoldTest, ItStaysForALineThatFillsTheSpoolAlone) {
  test::MemoryStore store(1, 4);
  start(store);
  intake_->hold_arrived(true);
  for (int i = 0; i < 4; ++i) push(i);
  arrive(4);
  store.flushes_when_full = true;
  const std::string text = "{\"y\":" + std::string(kStoreCapacity / 2, '1') + "}\n";
  EXPECT_EQ(intake_->push(0, Line{text, 5, 1}, Arrival{kStart, {}, true}), Discarded::kSpoolFull);
  EXPECT_EQ(store.lines(), 4u);
}

}  // namespace
}  // namespace plotbridge::app
