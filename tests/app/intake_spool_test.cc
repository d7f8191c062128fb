// Concern: with a spool a line that must last is there before `push` returns, what has no room in
// memory waits there in order, and a full or failing disk costs only what it must.
#include "tests/app/intake_spool_fixture.h"

#include <gtest/gtest.h>

#include <functional>

namespace plotbridge::app {
namespace {

TEST_F(IntakeSpoolTest, ALineThatMustLastIsInTheSpoolWhenPushReturns) {
  test::MemoryStore store(1);
  start(store);
  push(1);
  EXPECT_EQ(store.lines_of(0), std::vector<std::string>{"{\"y\":1}\n"});
  EXPECT_EQ(sent(), range(1, 2));
  EXPECT_EQ(store.lines(), 0u);
}

TEST_F(IntakeSpoolTest, AMessageWaitsForTheDiskOnceAfterItsLastLine) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 3; ++i) push(i);
  EXPECT_EQ(store.syncs, 0u);
  intake_->end_message();
  EXPECT_EQ(store.syncs, 1u);
  intake_->end_message();
  EXPECT_EQ(store.syncs, 1u) << "a message without a line";
  for (int i = 3; i < 10; ++i) push(i, false);
  intake_->end_message();
  EXPECT_EQ(store.syncs, 1u) << "lines that need not last";
}

// What another thread does during the first sync.
struct StoreThatWaits : test::MemoryStore {
  using MemoryStore::MemoryStore;
  bool sync() override {
    if (++syncs == 1) meanwhile();
    return true;
  }
  std::function<void()> meanwhile;
};

TEST_F(IntakeSpoolTest, AMessageWaitsForTheDiskThoughAnotherThreadDoesAlready) {
  StoreThatWaits store(1);
  start(store);
  push(0);
  std::size_t syncs_of_message = 0;
  store.meanwhile = [&] {
    intake_->end_message();
    syncs_of_message = store.syncs;
  };
  intake_->end_message();
  EXPECT_EQ(syncs_of_message, 2u);
}

TEST_F(IntakeSpoolTest, AMessageOfWhichALineFailedWaitsForTheOthers) {
  test::MemoryStore store(1);
  start(store);
  push(0);
  store.fails = true;
  push(1);
  intake_->end_message();
  EXPECT_EQ(store.syncs, 1u);
}

TEST_F(IntakeSpoolTest, OtherLinesGoThereOnlyForWantOfRoomAndWithAllBeforeThem) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 4; ++i) push(i, false);
  EXPECT_EQ(store.lines(), 0u);
  for (int i = 4; i < 10; ++i) push(i, false);
  EXPECT_EQ(store.lines(), 10u) << "or the next run would begin with 4";
  EXPECT_EQ(intake_->statuses()[0].spooled, 6u);
  EXPECT_EQ(sent(), range(0, 10));
}

TEST_F(IntakeSpoolTest, WhatAnEarlierRunLeftGoesFirst) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 7; ++i) push(i);
  store.restart();
  start(store);
  push(7);
  EXPECT_EQ(sent(), range(0, 8));
}

TEST_F(IntakeSpoolTest, ADiskThatFailsLeavesMemory) {
  test::MemoryStore store(1);
  start(store);
  store.fails = true;
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(push(i));
  EXPECT_EQ(push(4), Discarded::kSpoolFailed) << "and its limits";
  store.fails = false;
  push(5);
  EXPECT_EQ(sent(), range(1, 6));
}

TEST_F(IntakeSpoolTest, ADiskThatFailsBehindSpooledLinesLeavesMemoryForNewOnes) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 6; ++i) push(i);
  store.fails = true;
  EXPECT_FALSE(push(6));
  EXPECT_FALSE(push(7));
  EXPECT_EQ(intake_->statuses()[0].queued, 6u);
  EXPECT_EQ(sent(), range(0, 8)) << "behind 4 and 5, which are on disk alone";
}

TEST_F(IntakeSpoolTest, WhatTheDiskDidNotTakeIsPutThereOnceItTakesLinesAgain) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 6; ++i) push(i);
  store.fails = true;
  push(6);
  store.fails = false;
  push(7);
  EXPECT_EQ(store.lines(), 8u);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 8));
}

TEST_F(IntakeSpoolTest, WhatTheDiskDoesNotTakeHasItsLimit) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 6; ++i) push(i);
  store.fails = true;
  for (int i = 6; i < 10; ++i) EXPECT_FALSE(push(i));
  EXPECT_EQ(push(10), Discarded::kSpoolFailed) << "as many as the queue may have";
  EXPECT_EQ(sent(), range(0, 10));
}

TEST_F(IntakeSpoolTest, WhatIsHeldIsPutAwayAtTheEndIfTheDiskTakesIt) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 6; ++i) push(i);
  store.fails = true;
  push(6);
  store.fails = false;
  EXPECT_EQ(intake_->put_away().kept, 7u);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 7));
}

TEST_F(IntakeSpoolTest, WhatWasHeldAndHadRoomInMemoryIsNotPassedOver) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 6; ++i) push(i);
  store.fails = true;
  for (int i = 6; i < 10; ++i) push(i);
  std::array<char, 8> room_for_one;
  std::size_t offset = 0;
  for (int i = 0; i < 5; ++i) intake_->fill(0, room_for_one, offset, kStart);
  store.fails = false;
  push(10);  // 5 to 7 are in memory by now, and there is no room for the others
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 11));
}

TEST_F(IntakeSpoolTest, ALineThatTheDiskDidNotTakeGoesThereBeforeAnyNewerOne) {
  test::MemoryStore store(1);
  start(store);
  store.fails = true;
  for (int i = 0; i < 3; ++i) push(i);
  int tries = 0;
  store.takes = [&tries] { return ++tries > 1; };  // just when the newer one comes
  store.fails = false;
  push(3);
  push(4);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 5));
}

TEST_F(IntakeSpoolTest, WhatTheDiskDidNotTakeGoesThereAlsoWhenNothingComes) {
  test::MemoryStore store(1);
  start(store);
  store.fails = true;
  for (int i = 0; i < 3; ++i) push(i);
  store.fails = false;
  intake_->see_to_spool({});
  EXPECT_EQ(store.lines(), 3u);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3));
}

TEST_F(IntakeSpoolTest, OfLinesThatComeTooFastTheSpoolHasTheLatest) {
  test::MemoryStore store(1);
  config::Stream stream;
  stream.max_rate = 20;
  stream.when_faster = config::WhenFaster::kLatest;
  start(store, stream);
  for (int i = 0; i < 5; ++i) push(i);
  EXPECT_EQ(store.lines_of(0), std::vector<std::string>{"{\"y\":4}\n"});
  store.restart();
  start(store, stream);
  EXPECT_EQ(sent(), range(4, 5));
}

TEST_F(IntakeSpoolTest, OfLinesThatComeTooFastMemoryHasTheLatestWhileTheDiskFails) {
  test::MemoryStore store(1);
  config::Stream stream;
  stream.max_rate = 20;
  stream.when_faster = config::WhenFaster::kLatest;
  start(store, stream);
  store.fails = true;
  for (int i = 0; i < 9; ++i) push(i);
  EXPECT_EQ(sent(), range(8, 9));
}

TEST_F(IntakeSpoolTest, OfLinesThatComeTooFastTheSpoolHasTheExtremes) {
  test::MemoryStore store(1);
  config::Stream stream;
  stream.max_rate = 20;
  stream.when_faster = config::WhenFaster::kMinMax;
  start(store, stream);
  for (const int y : {5, 1, 7, 3, 9, 2}) push(y);
  EXPECT_EQ(store.lines_of(0), (std::vector<std::string>{"{\"y\":1}\n", "{\"y\":9}\n"}));
}

TEST_F(IntakeSpoolTest, AtTheEndWhatIsInMemoryAloneIsPutAway) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 3; ++i) push(i, false);
  const auto rest = intake_->put_away();
  EXPECT_EQ(rest.kept, 3u);
  EXPECT_EQ(rest.lost, 0u);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3));
}

TEST_F(IntakeSpoolTest, AtTheEndALineOfMemoryIsNotPassedOverForThoseThatHadNoRoom) {
  test::MemoryStore store(1);
  start(store);
  for (int i = 0; i < 7; ++i) push(i, false);
  EXPECT_EQ(intake_->put_away().kept, 7u);
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 7));
}

TEST_F(IntakeSpoolTest, WhatWasSentAndCameBackIsNeitherMergedNorDroppedAsBacklog) {
  test::MemoryStore store(1);
  config::Stream stream;
  stream.max_rate = 20;
  stream.when_faster = config::WhenFaster::kLatest;
  stream.backlog = config::Backlog::kDrop;
  start(store, stream);
  push(1);
  std::array<char, 100> room;
  std::size_t offset = 0;
  ASSERT_EQ(intake_->fill(0, room, offset, kStart).lines, 1u);
  intake_->send_again(0, [](std::uint64_t, std::size_t) { return false; });
  push(2);  // within the interval of the first
  intake_->came_back(0);
  EXPECT_EQ(intake_->front_number(0), 0u) << "the endpoint may have 1, which keeps its number";
  EXPECT_EQ(discarded(Discarded::kThrottled) + discarded(Discarded::kBacklog), 0u);
  EXPECT_EQ(store.lines(), 2u);
}

TEST_F(IntakeSpoolTest, LinesInMemoryAloneFollowALaterOneToTheSpool) {
  test::MemoryStore store(1);
  start(store);
  push(0, false);
  push(1, false);
  push(2);
  EXPECT_EQ(store.lines(), 3u) << "or a restart would find a hole";
  store.restart();
  start(store);
  EXPECT_EQ(sent(), range(0, 3));
}

}  // namespace
}  // namespace plotbridge::app
