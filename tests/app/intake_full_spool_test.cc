// Concern: a spool that is full gives up what it was told to, counts it, or has messages wait with
// the broker.
#include "tests/app/intake_spool_fixture.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

TEST_F(IntakeSpoolTest, AFullSpoolGivesUpItsOldestLinesAndCountsThem) {
  test::MemoryStore store(1, 10);
  start(store);
  for (int i = 0; i < 20; ++i) push(i);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 10u);
  EXPECT_EQ(sent(), range(10, 20));
}

TEST_F(IntakeSpoolTest, WhatAFullSpoolGaveUpIsNotExpectedAfterARestart) {
  test::MemoryStore store(1, 10);
  start(store);
  for (int i = 0; i < 20; ++i) push(i);
  const Intake::Rest rest = intake_->put_away();
  EXPECT_EQ(rest.kept, 10u);
  EXPECT_EQ(rest.lost, 0u);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(10, 20));
}

TEST_F(IntakeSpoolTest, ALineOnItsWayThatAFullSpoolGaveUpMayArriveAndDoesNotOutliveTheProcess) {
  test::MemoryStore store(1, 10);
  start(store);
  for (int i = 0; i < 3; ++i) push(i);
  std::array<char, 4096> room;
  std::size_t offset = 0;
  EXPECT_EQ(intake_->fill(0, room, offset, kStart).lines, 3U);
  for (int i = 3; i < 13; ++i) push(i);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 0u);
  EXPECT_EQ(store.lines(), 10u);
  EXPECT_EQ(intake_->put_away().lost, 3u);
}

TEST_F(IntakeSpoolTest, AStreamWhoseLinesAreGivenUpIsLookedAtAgain) {
  test::MemoryStore store(2, 10);
  config::Stream stream;
  stream.queue_capacity = 4;
  streams_ = {stream, stream};
  store_ = &store;
  IntakeOptions options;
  options.store = &store;
  options.store_capacity = std::size_t{1} << 20;
  intake_.emplace(streams_, options);
  for (int i = 0; i < 10; ++i) push(i);
  std::vector<std::size_t> dirty;
  intake_->take_dirty(dirty);
  // Its loop may have been just about to send what another stream's line costs it now.
  const std::string text = "{\"y\":1}\n";
  for (int i = 0; i < 5; ++i) intake_->push(1, Line{text, 5, 1}, Arrival{kStart, {}, true});
  intake_->take_dirty(dirty);
  EXPECT_EQ(std::count(dirty.begin(), dirty.end(), 0U), 1) << "or it would stand still";
  EXPECT_EQ(sent(), range(5, 10));
}

TEST_F(IntakeSpoolTest, AFullSpoolMayRefuseNewLines) {
  test::MemoryStore store(1, 10);
  policy_ = WhenSpoolFull::kDropNewest;
  start(store);
  for (int i = 0; i < 12; ++i) push(i);
  EXPECT_EQ(discarded(Discarded::kSpoolFull), 2u);
  EXPECT_EQ(sent(), range(0, 10));
}

TEST_F(IntakeSpoolTest, ASpoolThatBlocksDropsNothing) {
  test::MemoryStore store(1, 10);
  policy_ = WhenSpoolFull::kBlock;
  start(store);
  for (int i = 0; i < 14; ++i) EXPECT_FALSE(push(i));
  EXPECT_TRUE(intake_->wants_pause());
  EXPECT_EQ(sent(), range(0, 14));
  intake_->look_for_room();
  EXPECT_FALSE(intake_->wants_pause());
}

TEST_F(IntakeSpoolTest, ASpoolThatBlocksAndIsFullBlocksFromTheStart) {
  test::MemoryStore store(1);
  policy_ = WhenSpoolFull::kBlock;
  start(store);
  EXPECT_FALSE(intake_->wants_pause());
  store.bytes_used = std::size_t{900} << 10;
  store.restart();
  start(store);
  EXPECT_TRUE(intake_->wants_pause()) << "or each start would take some more";
}

TEST_F(IntakeSpoolTest, MemoryThatIsFullBlocksToo) {
  config::Stream stream;
  stream.name = "boiler";
  stream.when_full = config::WhenFull::kBlock;
  streams_ = {stream};
  IntakeOptions options;
  options.memory = 600;
  intake_.emplace(streams_, options);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(push(i)) << "nothing is dropped";
  EXPECT_TRUE(intake_->wants_pause());
  EXPECT_EQ(discarded(Discarded::kQueueFull), 0u);
}

TEST_F(IntakeSpoolTest, AskedForPatienceItWaitsForRoom) {
  config::Stream stream;
  stream.name = "boiler";
  stream.queue_capacity = 3;
  stream.when_full = config::WhenFull::kBlock;
  streams_ = {stream};
  IntakeOptions options;
  int told = 0;
  options.on_pressure = [&told] { ++told; };
  intake_.emplace(streams_, options);
  for (int i = 0; i < 3; ++i) push(i);
  EXPECT_FALSE(intake_->wants_pause());
  for (int i = 3; i < 5; ++i) EXPECT_FALSE(push(i)) << "nothing is dropped";
  EXPECT_TRUE(intake_->wants_pause());
  EXPECT_EQ(told, 1);
  std::array<char, 4096> room;
  std::size_t offset = 0;
  EXPECT_EQ(intake_->fill(0, room, offset, kStart).lines, 5u);
  intake_->look_for_room();
  EXPECT_FALSE(intake_->wants_pause());
}

}  // namespace
}  // namespace plotbridge::app
