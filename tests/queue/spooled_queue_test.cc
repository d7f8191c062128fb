// Concern: whatever is in memory, on disk or gone, the accounts of a stream are right: which line
// is next, how many wait where, and what the store has to be told.
#include "plugin/queue/spooled_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::queue {
namespace {

const TimePoint kNow{};

std::string text_of(const IdRanges& ids) {
  std::string text;
  ids.each([&](const IdRanges::Range& range) {
    text += std::to_string(range.from) + '-' + std::to_string(range.to) + ' ';
  });
  return text;
}

class SpooledQueueTest : public testing::Test {
 protected:
  std::string take() {
    const std::string line(queue_.memory().front().bytes);
    queue_.memory().advance();
    return line;
  }

  // What the store is told before the next line goes: ID>NUMBER, or nothing.
  std::string note_and_take() {
    const auto numbering = queue_.note();
    const std::string line = take();
    if (!numbering) return line.substr(0, 1);
    return line.substr(0, 1) + ' ' + std::to_string(numbering->id) + '>' +
           std::to_string(numbering->number);
  }

  MemoryBudget budget_{1 << 20};
  SpooledQueue queue_{2, WhenFull::kDropOldest, budget_};
};

TEST_F(SpooledQueueTest, WhatHasNoRoomWaitsInTheStoreAndComesInOrder) {
  for (const char* line : {"a\n", "b\n", "c\n", "d\n"}) queue_.append_stored(line, kNow);
  EXPECT_EQ(queue_.memory().unsent(), 2u);
  EXPECT_EQ(queue_.spooled(), 2u);
  EXPECT_EQ(queue_.spool_front(), 2u);
  EXPECT_EQ(take(), "a\n");
  EXPECT_EQ(take(), "b\n");
  EXPECT_FALSE(queue_.append_in_memory("e\n", kNow)) << "behind c and d";
  queue_.fetched(SpooledQueue::Lane::kLive, {2, "c\n", {}}, kNow);
  EXPECT_EQ(take(), "c\n");
  EXPECT_EQ(queue_.spooled(), 1u);
}

TEST_F(SpooledQueueTest, TheStoreIsToldOnceOfWhatHasArrived) {
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  take();
  take();
  EXPECT_EQ(text_of(queue_.release(1)), "0-1 ");
  EXPECT_EQ(text_of(queue_.release(1)), "1-2 ");
  EXPECT_FALSE(queue_.belongs_in_store(false)) << "nothing of the stream is there any more";
}

TEST_F(SpooledQueueTest, ALineThatNeedNotLastFollowsOneThatMust) {
  EXPECT_FALSE(queue_.belongs_in_store(false));
  queue_.append_stored("a\n", kNow);
  EXPECT_TRUE(queue_.belongs_in_store(false)) << "or a restart would find a hole";
}

TEST_F(SpooledQueueTest, LinesThatTheStoreGaveUpGoFromMemoryTooUnlessTheyWereHandedOut) {
  for (const char* line : {"a\n", "b\n", "c\n", "d\n", "e\n"}) queue_.append_stored(line, kNow);
  queue_.memory().advance();
  EXPECT_EQ(queue_.lost({0, 0, 4, 4}), 3u) << "b, c and d: a is on its way";
  EXPECT_EQ(queue_.outlived(), 1u);
  EXPECT_FALSE(queue_.memory().has_unsent());
  EXPECT_EQ(queue_.spooled(), 1u);
  EXPECT_EQ(queue_.spool_front(), 4u);
  EXPECT_EQ(queue_.lost({0, 0, 4, 4}), 0u);
}

TEST_F(SpooledQueueTest, AfterARestartTheEndpointSaysWhatItHas) {
  Recovered recovered;
  recovered.front_id = 10;
  recovered.next_id = 16;
  recovered.lines = 6;
  recovered.numberings = {{10, 110}, {14, 200}};  // 14 and 15 moved up when others were dropped
  queue_.start(recovered);
  EXPECT_EQ(queue_.spooled(), 6u);
  const auto arrived = queue_.arrived(113);
  EXPECT_EQ(arrived.from, 10u);
  EXPECT_EQ(arrived.to, 13u);
  EXPECT_EQ(text_of(queue_.go_on_at(113, arrived.ids())), "10-13 ");
  EXPECT_EQ(queue_.spool_front(), 13u);
  EXPECT_EQ(queue_.spooled(), 3u);
  EXPECT_EQ(queue_.memory().front_number(), 113u);
}

TEST_F(SpooledQueueTest, LinesThatCameBeforeTheEndpointSpokeHaveNotArrived) {
  Recovered recovered;
  recovered.front_id = 20;
  recovered.next_id = 21;
  recovered.lines = 1;
  recovered.numberings = {{20, 20}};
  queue_.start(recovered);
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);  // 21 and 22
  // It has four lines more than the disk knows of: they went from memory alone.
  const auto arrived = queue_.arrived(25);
  EXPECT_EQ(arrived.to, 21u);
  queue_.go_on_at(25, arrived.ids());
  EXPECT_EQ(queue_.spooled(), 2u);
  queue_.fetched(SpooledQueue::Lane::kLive, {21, "a\n", {}}, kNow);
  EXPECT_EQ(note_and_take(), "a 21>25");
}

TEST_F(SpooledQueueTest, ALineThatGoesWhileItIsBeingStoredIsNumbered) {
  queue_.append_in_memory("a\n", kNow);
  EXPECT_TRUE(queue_.number_flight().empty());
  EXPECT_EQ(note_and_take(), "a 0>0");
  queue_.stored_before(1);
}

TEST_F(SpooledQueueTest, LinesThatWereNeverSentHaveNotArrived) {
  Recovered recovered;
  recovered.next_id = 3;
  recovered.lines = 3;
  queue_.start(recovered);
  EXPECT_TRUE(queue_.go_on_at(1'000, queue_.arrived(1'000).ids()).empty());
  EXPECT_EQ(queue_.spooled(), 3u);
  EXPECT_EQ(queue_.memory().front_number(), 1'000u);
}

TEST_F(SpooledQueueTest, TheStoreLearnsANumberingOnlyWhereItChanges) {
  queue_.memory().renumber(50);
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  const auto numbering = queue_.note();
  ASSERT_TRUE(numbering);
  EXPECT_EQ(numbering->id, 0u);
  EXPECT_EQ(numbering->number, 50u);
  EXPECT_EQ(numbering->lines, Numbering::kOpen);
  take();
  EXPECT_FALSE(queue_.note());
  queue_.append_stored("c\n", kNow);
  queue_.drop_front();  // b
  const auto moved_up = queue_.note();
  ASSERT_TRUE(moved_up) << "c moves up";
  EXPECT_EQ(moved_up->id, 2u);
  EXPECT_EQ(moved_up->number, 51u);
}

TEST_F(SpooledQueueTest, AHoleAmongTheIdsDoesNotHideWhatArrivedBehindIt) {
  Recovered recovered;
  recovered.front_id = 0;
  recovered.next_id = 500;
  recovered.lines = 80;
  recovered.numberings = {{0, 0, 10}, {430, 10}};  // those between were dropped
  queue_.start(recovered);
  EXPECT_EQ(queue_.arrived(15).to, 435u);
}

TEST_F(SpooledQueueTest, WhatIsSentAgainIsNotNumberedAgain) {
  for (const char* line : {"a\n", "b\n", "c\n"}) queue_.append_in_memory(line, kNow);
  queue_.stored_before(2);
  EXPECT_EQ(note_and_take(), "a 0>0");
  EXPECT_EQ(note_and_take(), "b");
  queue_.release(1);
  queue_.memory().rewind();
  queue_.go_on_at(1, 0);
  EXPECT_EQ(note_and_take(), "b") << "or the store would forget the numbers behind it";
}

TEST_F(SpooledQueueTest, LinesThatWentFromMemoryAloneBringTheirNumbersToTheStore) {
  queue_.append_in_memory("a\n", kNow);
  EXPECT_EQ(note_and_take(), "a") << "the store has no such line";
  for (const char* line : {"b\n", "c\n", "d\n"}) queue_.push(line, kNow);  // b has to go
  take();
  EXPECT_TRUE(queue_.has_unstored());
  const auto numberings = queue_.number_flight();
  ASSERT_EQ(numberings.size(), 2u);
  EXPECT_EQ(numberings[0].id, 0u);
  EXPECT_EQ(numberings[0].number, 0u);
  EXPECT_EQ(numberings[1].id, 2u);
  EXPECT_EQ(numberings[1].number, 1u);
  queue_.stored_before(queue_.next_id());
  EXPECT_FALSE(queue_.has_unstored());
  EXPECT_EQ(note_and_take(), "d");
}

TEST_F(SpooledQueueTest, OfABacklogOnlyTheNewestLineStays) {
  for (const char* line : {"a\n", "b\n", "c\n", "d\n"}) queue_.append_stored(line, kNow);
  std::size_t dropped = 0;
  EXPECT_EQ(text_of(queue_.drop_backlog(dropped)), "0-3 ");
  EXPECT_EQ(dropped, 3u);
  EXPECT_EQ(queue_.spooled(), 1u);
  EXPECT_EQ(queue_.spool_front(), 3u);
}

class LanesTest : public SpooledQueueTest {
 protected:
  LanesTest() { queue_.memory().keep_lanes(); }
};

TEST_F(LanesTest, LiveLinesGoBeforeHistoryAndEachLaneInItsOrder) {
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  queue_.begin_history();
  EXPECT_FALSE(queue_.append_in_memory("c\n", kNow)) << "memory has room for two lines";
  queue_.append_stored("c\n", kNow);
  EXPECT_EQ(queue_.missing(), SpooledQueue::Lane::kLive) << "and not a, which memory has";
  queue_.fetched(SpooledQueue::Lane::kLive, {2, "c\n", {}}, kNow);
  EXPECT_EQ(take(), "c\n");
  EXPECT_EQ(take(), "a\n");
  EXPECT_EQ(take(), "b\n");
}

TEST_F(LanesTest, OnlyWhatArrivedIsReleased) {
  for (const char* line : {"a\n", "b\n", "c\n"}) queue_.append_stored(line, kNow);
  queue_.begin_history();
  EXPECT_EQ(queue_.missing(), SpooledQueue::Lane::kNone);
  EXPECT_EQ(take(), "a\n");
  queue_.append_stored("d\n", kNow);
  EXPECT_EQ(take(), "d\n");
  EXPECT_EQ(take(), "b\n");
  EXPECT_EQ(text_of(queue_.release(3)), "0-2 3-4 ") << "c waits on disk";
  EXPECT_EQ(queue_.missing(), SpooledQueue::Lane::kHistory);
}

TEST_F(LanesTest, TheStoreLearnsTheNumberOfALineWhereverALaneIsLeft) {
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  queue_.begin_history();
  EXPECT_EQ(note_and_take(), "a 0>0");
  queue_.append_stored("c\n", kNow);
  EXPECT_EQ(note_and_take(), "c 2>1");
  EXPECT_EQ(note_and_take(), "b 1>2");
  queue_.memory().rewind();
  EXPECT_EQ(note_and_take(), "a") << "it keeps its number";
  EXPECT_EQ(note_and_take(), "c");
  EXPECT_EQ(note_and_take(), "b");
  queue_.append_stored("d\n", kNow);
  EXPECT_EQ(note_and_take(), "d 3>3");
}

TEST_F(LanesTest, WhatTheStoreGivesUpTakesNoNumberFromWhatWasHandedOut) {
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  queue_.begin_history();
  EXPECT_EQ(note_and_take(), "a 0>0");
  queue_.append_stored("c\n", kNow);
  EXPECT_EQ(note_and_take(), "c 2>1");
  queue_.memory().rewind();
  EXPECT_EQ(queue_.lost({0, 1, 2, 1}), 1u);
  EXPECT_EQ(note_and_take(), "a") << "noted again, it would be a run that c is of";
  EXPECT_EQ(note_and_take(), "c");
  queue_.append_stored("d\n", kNow);
  EXPECT_EQ(note_and_take(), "d 3>2") << "what is behind those that are gone moves up";
}

TEST_F(LanesTest, ARunOfTheStoreEndsAtALineThatMemoryAloneHas) {
  queue_.append_stored("a\n", kNow);
  EXPECT_EQ(note_and_take(), "a 0>0");
  for (const char* line : {"b\n", "c\n", "d\n"}) queue_.push(line, kNow);  // b has to go
  EXPECT_EQ(note_and_take(), "c 2>1") << "or what comes from disk as 1 would have arrived";
  EXPECT_EQ(note_and_take(), "d");
}

TEST_F(LanesTest, WhatCameBackGoesFirstAndWhatWaitedLiveJoinsTheHistory) {
  for (const char* line : {"a\n", "b\n", "c\n"}) queue_.append_stored(line, kNow);
  queue_.begin_history();  // c on disk alone
  take();
  queue_.append_stored("d\n", kNow);
  EXPECT_EQ(take(), "d\n");
  queue_.append_stored("e\n", kNow);
  queue_.memory().rewind();
  queue_.begin_history();  // now e, too: behind c there is no place in memory
  EXPECT_EQ(queue_.memory().again(), 2u);
  EXPECT_EQ(queue_.spooled(), 2u);
  EXPECT_EQ(take(), "a\n");
  EXPECT_EQ(take(), "d\n");
  EXPECT_EQ(take(), "b\n");
  const auto first = queue_.spooled_of(queue_.missing());
  EXPECT_EQ(first.from, 2u);
  EXPECT_EQ(first.to, 3u) << "d is on its way and must not be read again";
  queue_.fetched(SpooledQueue::Lane::kHistory, {2, "c\n", {}}, kNow);
  EXPECT_EQ(take(), "c\n");
  EXPECT_EQ(queue_.spooled_of(queue_.missing()).from, 4u);
}

TEST_F(LanesTest, AfterARestartTheRunsSayWhatArrivedAndWhatGoesAgain) {
  Recovered recovered;
  recovered.front_id = 10;
  recovered.next_id = 100;
  recovered.lines = 90;
  recovered.numberings = {{10, 50, 2}, {90, 52, 1}, {12, 53, 64}};
  queue_.start(recovered);
  ASSERT_TRUE(queue_.resumes());
  const auto resumption = queue_.resume_at(52);
  EXPECT_EQ(text_of(resumption.arrived), "10-12 ");
  ASSERT_EQ(resumption.again.size(), 65u);
  EXPECT_EQ(resumption.again[0].id, 90u);
  EXPECT_EQ(resumption.again[0].number, 52u);
  EXPECT_TRUE(resumption.again[0].certain);
  EXPECT_EQ(resumption.again[1].id, 12u);
  EXPECT_EQ(resumption.again[1].number, 53u);
  EXPECT_FALSE(resumption.again[1].certain);
}

TEST(NumberRunsTest, ARunEndsWhereTheNextNumberIs) {
  NumberRuns runs;
  runs.add({100, 10});
  runs.add({500, 15});
  runs.add({105, 16});
  runs.add({169, kNoNumber});
  ASSERT_EQ(runs.runs().size(), 3u);
  EXPECT_EQ(runs.runs()[0].lines, 5u);
  EXPECT_EQ(runs.runs()[1].lines, 1u);
  EXPECT_EQ(runs.runs()[2].lines, 64u);
  EXPECT_FALSE(runs.ascend());
  runs.add({103, 13});  // the numbers from 13 on are others now
  ASSERT_EQ(runs.runs().size(), 2u);
  EXPECT_EQ(runs.runs()[0].lines, 3u);
  EXPECT_TRUE(runs.ascend());
}

}  // namespace
}  // namespace plotbridge::queue
