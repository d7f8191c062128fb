// Concern: with a spool a line that must last is there before its message ends, what has no room in
// memory waits there, and a disk that fails costs only what it must.
#include "tests/app/outbox_fixture.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

class OutboxSpoolTest : public OutboxTest {};

TEST_F(OutboxSpoolTest, ALineThatMustLastIsInTheSpoolWhenItsMessageEnds) {
  test::MemoryStore store(1);
  start(store);
  push(1);
  EXPECT_EQ(store.lines_of(0), std::vector<std::string>{text_of(1)});
  EXPECT_EQ(sent(), range(1, 2));
  EXPECT_EQ(store.lines(), 0U);
}

TEST_F(OutboxSpoolTest, AMessageIsWrittenAtOnceAndWaitsForTheDiskOnce) {
  test::MemoryStore store(2);
  start(&store, {{}, {}});
  for (int y = 0; y < 10; ++y) {
    const std::string text = text_of(y);
    outbox_->push(static_cast<std::size_t>(y % 2), Line{text, 5, 1}, Arrival{kStart, {}, true});
  }
  EXPECT_EQ(store.syncs, 0U);
  outbox_->end_message();
  EXPECT_EQ(store.lines(), 10U);
  EXPECT_EQ(store.appends, 1U);
  EXPECT_EQ(store.syncs, 1U);
  outbox_->end_message();
  EXPECT_EQ(store.syncs, 1U) << "a message without a line";
  push_some(10, 13, false);
  EXPECT_EQ(store.syncs, 1U) << "lines that need not last";
}

TEST_F(OutboxSpoolTest, AMessageOfWhichALineFailedWaitsForTheOthers) {
  test::MemoryStore store(1);
  start(store);
  int asked = 0;
  store.takes = [&asked] { return ++asked == 1; };
  for (int y = 0; y < 2; ++y) {
    const std::string text = text_of(y);
    outbox_->push(0, Line{text, 5, 1}, Arrival{kStart, {}, true});
  }
  outbox_->end_message();
  EXPECT_EQ(store.lines(), 1U);
  EXPECT_EQ(store.syncs, 1U);
}

TEST_F(OutboxSpoolTest, LinesThatNeedNotLastGoThereBecauseMemoryIsFull) {
  test::MemoryStore store(1);
  start(store, {}, 4'000);
  push_some(0, 5, false);
  EXPECT_EQ(store.lines(), 0U);
  push_some(5, 500, false);
  EXPECT_GT(store.lines(), 300U);
  EXPECT_LE(outbox_->memory_used(), 4'000U);
  EXPECT_EQ(discarded(Discarded::kQueueFull) + discarded(Discarded::kSpoolFailed), 0U);
  EXPECT_EQ(sent(), range(0, 500));
}

TEST_F(OutboxSpoolTest, OrBecauseMoreWaitThanMayInMemory) {
  test::MemoryStore store(1);
  start(store, with_capacity(4));
  push_some(0, 4, false);
  EXPECT_EQ(store.lines(), 0U);
  push(4, false);
  EXPECT_EQ(store.lines(), 5U);
  EXPECT_EQ(sent(), range(0, 5));
}

TEST_F(OutboxSpoolTest, LinesBeforeOneThatMustLastGoThereWithIt) {
  test::MemoryStore store(1);
  start(store);
  push_some(0, 2, false);
  push(2);
  EXPECT_EQ(store.lines(), 3U);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3));
}

TEST_F(OutboxSpoolTest, WhatIsOnDiskAloneComesBackInItsOrder) {
  test::MemoryStore store(1);
  start(store, {}, kRoomForNothing);
  push_some(0, 300);
  EXPECT_EQ(outbox_->statuses()[0].queued, 0U);
  EXPECT_EQ(outbox_->statuses()[0].spooled, 300U);
  EXPECT_EQ(sent(), range(0, 300));
  EXPECT_EQ(store.lines(), 0U);
}

// Sent before the disk had it: what the store is told must not be undone by the line that follows.
TEST_F(OutboxSpoolTest, ALineThatArrivesWhileItIsWrittenIsNotKept) {
  struct Slow : test::MemoryStore {
    using MemoryStore::MemoryStore;
    std::function<void()> meanwhile = [] {};
    Appended append(std::span<const NewLine> lines) override {
      meanwhile();
      return MemoryStore::append(lines);
    }
  };
  Slow store(1);
  start(store);
  store.meanwhile = [this] { EXPECT_EQ(sent(), range(7, 8)); };
  push(7);
  store.flush(false);
  EXPECT_EQ(store.lines(), 0U);
}

// A disk that fails.

TEST_F(OutboxSpoolTest, ADiskThatFailsLeavesMemoryAndItsLimits) {
  test::MemoryStore store(1);
  start(store, with_capacity(4));
  store.fails = true;
  for (int y = 0; y < 4; ++y) EXPECT_TRUE(push(y).empty());
  EXPECT_EQ(push(4), (Losses{{0, Discarded::kSpoolFailed}}));
  store.fails = false;
  push(5);
  EXPECT_EQ(store.lines(), 5U) << "what it did not take goes there once it does";
  EXPECT_EQ(sent(), range(1, 6));
}

TEST_F(OutboxSpoolTest, WhatIsOnDiskGoesBeforeWhatItDidNotTake) {
  test::MemoryStore store(1);
  start(store, with_capacity(4), 3'000);
  push_some(0, 100);
  store.fails = true;
  push_some(100, 103);
  EXPECT_EQ(sent(), range(0, 103));
}

TEST_F(OutboxSpoolTest, MemoryStaysBoundedWhileTheDiskFails) {
  test::MemoryStore store(1);
  start(store, with_capacity(1'000'000), 6'000);
  store.fails = true;
  push_some(0, 2'000);
  EXPECT_LE(outbox_->memory_used(), 6'000U);
  EXPECT_GT(discarded(Discarded::kSpoolFailed), 0U);
  const auto rest = sent();
  EXPECT_EQ(rest.size() + discarded(Discarded::kSpoolFailed), 2'000U);
  EXPECT_EQ(rest.back(), 1'999);
}

TEST_F(OutboxSpoolTest, WhatTheDiskDidNotTakeGoesThereAlsoWhenNothingComes) {
  test::MemoryStore store(1);
  start(store);
  store.fails = true;
  push_some(0, 3);
  store.fails = false;
  outbox_->maintain_spool({});
  EXPECT_EQ(store.lines(), 3U);
  EXPECT_EQ(store.syncs, 4U) << "and is synced";
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3));
}

TEST_F(OutboxSpoolTest, AtTheEndWhatIsInMemoryAloneIsSpilled) {
  test::MemoryStore store(1);
  start(store);
  push_some(0, 3, false);
  const auto left = outbox_->spill();
  EXPECT_EQ(left.kept, 3U);
  EXPECT_EQ(left.lost, 0U);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3));
}

TEST_F(OutboxSpoolTest, AndWhatTheDiskDoesNotTakeIsCounted) {
  test::MemoryStore store(1);
  start(store);
  push_some(0, 2);
  store.fails = true;
  push(2);
  const auto left = outbox_->spill();
  EXPECT_EQ(left.kept, 2U);
  EXPECT_EQ(left.lost, 1U);
  EXPECT_EQ(discarded(Discarded::kShutdown), 1U);
}

// Lines that come too fast.

TEST_F(OutboxSpoolTest, OfLinesThatComeTooFastTheSpoolHasTheLatest) {
  test::MemoryStore store(1);
  start(store, paced(config::WhenFaster::kLatest));
  push_some(0, 5);
  EXPECT_EQ(store.lines_of(0), std::vector<std::string>{text_of(4)});
  store.restart();
  start(store, paced(config::WhenFaster::kLatest));
  EXPECT_EQ(sent(), range(4, 5));
}

TEST_F(OutboxSpoolTest, OrTheExtremes) {
  test::MemoryStore store(1);
  start(store, paced(config::WhenFaster::kMinMax));
  for (const int y : {5, 1, 7, 3, 9, 2}) push(y);
  EXPECT_EQ(store.lines_of(0), (std::vector<std::string>{text_of(1), text_of(9)}));
}

TEST_F(OutboxSpoolTest, AndMemoryHasThemWhileTheDiskFails) {
  test::MemoryStore store(1);
  start(store, paced(config::WhenFaster::kLatest));
  store.fails = true;
  push_some(0, 9);
  EXPECT_EQ(sent(), range(8, 9));
}

TEST_F(OutboxSpoolTest, WhatIsOutOfMemoryIsNotMerged) {
  test::MemoryStore store(1);
  start(store, paced(config::WhenFaster::kLatest), kRoomForNothing);
  push_some(0, 2);
  EXPECT_EQ(store.lines_of(0), (std::vector<std::string>{text_of(0), text_of(1)}));
}

// Offsets.

TEST_F(OutboxSpoolTest, AnOffsetThatOnlyMemoryHadIsNotGivenAgainAfterAKill) {
  test::MemoryStore store(1);
  start(store);
  push_some(0, 3, false);
  EXPECT_EQ(outbox_->next_offset(0), 0U);
  EXPECT_EQ(sent(), range(0, 3));
  store.restart();
  start(store);
  EXPECT_GE(outbox_->next_offset(0), 3U) << "the endpoint has 0 to 2, and would skip them";
  EXPECT_EQ(outbox_->statuses()[0].spooled, 0U) << "and nothing waits";
  push(3);
  EXPECT_EQ(sent(), range(3, 4));
}

TEST_F(OutboxSpoolTest, NorWhereTheDiskFailedAndTheEndpointKnowsBetter) {
  test::MemoryStore store(1);
  start(store);
  store.fails = true;
  push_some(0, 5);
  EXPECT_EQ(sent(), range(0, 5));
  store.fails = false;
  store.restart();
  start(store);
  EXPECT_EQ(outbox_->next_offset(0), 0U);
  EXPECT_TRUE(outbox_->acknowledged(0, std::vector<OffsetRange>{{0, 5}}, true, kStart));
  EXPECT_EQ(outbox_->next_offset(0), 5U);
}

TEST_F(OutboxSpoolTest, WhatWasNeverSentCannotBeAcknowledged) {
  test::MemoryStore store(1);
  start(store);
  push_some(0, 2);
  fill();
  EXPECT_FALSE(outbox_->acknowledged(0, std::vector<OffsetRange>{{0, 9}}, false, kStart));
  EXPECT_EQ(outbox_->progress(0).begin, 2U) << "what was sent has arrived";
  EXPECT_FALSE(outbox_->acknowledged(0, std::vector<OffsetRange>{{0, 1ULL << 60U}}, true, kStart));
  EXPECT_EQ(outbox_->next_offset(0), 2U);
}

}  // namespace
}  // namespace plotbridge::app
