// Concern: whatever is in memory, on disk or gone, the accounts of a stream are right: which line
// is next, how many wait where, and what the store has to be told.
#include "plugin/queue/spooled_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::queue {
namespace {

const TimePoint kNow{};

class SpooledQueueTest : public testing::Test {
 protected:
  std::string take() {
    const std::string line(queue_.memory().front().bytes);
    queue_.memory().advance();
    return line;
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
  queue_.fetched({2, "c\n", {}}, kNow);
  EXPECT_EQ(take(), "c\n");
  EXPECT_EQ(queue_.spooled(), 1u);
}

TEST_F(SpooledQueueTest, TheStoreIsToldOnceOfWhatHasArrived) {
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  take();
  take();
  const auto first = queue_.release(1);
  EXPECT_EQ(first.from, 0u);
  EXPECT_EQ(first.to, 1u);
  const auto second = queue_.release(1);
  EXPECT_EQ(second.from, 1u);
  EXPECT_EQ(second.to, 2u);
  EXPECT_FALSE(queue_.belongs_in_store(false)) << "nothing of the stream is there any more";
}

TEST_F(SpooledQueueTest, ALineThatNeedNotLastFollowsOneThatMust) {
  EXPECT_FALSE(queue_.belongs_in_store(false));
  queue_.append_stored("a\n", kNow);
  EXPECT_TRUE(queue_.belongs_in_store(false)) << "or a restart would find a hole";
}

TEST_F(SpooledQueueTest, LinesThatTheStoreGaveUpAreMissedOnlyWhereMemoryHasThemNot) {
  for (const char* line : {"a\n", "b\n", "c\n", "d\n", "e\n"}) queue_.append_stored(line, kNow);
  EXPECT_EQ(queue_.lost({0, 0, 4, 4}), 2u) << "c and d: a and b are in memory";
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
  std::size_t received = 0;
  const auto release = queue_.go_on_at(113, received);
  EXPECT_EQ(received, 3u);
  EXPECT_EQ(release.from, 10u);
  EXPECT_EQ(release.to, 13u);
  EXPECT_EQ(queue_.spool_front(), 13u);
  EXPECT_EQ(queue_.spooled(), 3u);
  EXPECT_EQ(queue_.memory().front_number(), 113u);
}

TEST_F(SpooledQueueTest, LinesThatWereNeverSentHaveNotArrived) {
  Recovered recovered;
  recovered.next_id = 3;
  recovered.lines = 3;
  queue_.start(recovered);
  std::size_t received = 0;
  EXPECT_TRUE(queue_.go_on_at(1'000, received).empty());
  EXPECT_EQ(received, 0u);
  EXPECT_EQ(queue_.spooled(), 3u);
  EXPECT_EQ(queue_.memory().front_number(), 1'000u);
}

TEST_F(SpooledQueueTest, TheStoreLearnsANumberingOnlyWhereItChanges) {
  queue_.memory().renumber(50);
  for (const char* line : {"a\n", "b\n"}) queue_.append_stored(line, kNow);
  const auto numbering = queue_.unknown_numbering();
  ASSERT_TRUE(numbering);
  EXPECT_EQ(numbering->id, 0u);
  EXPECT_EQ(numbering->number, 50u);
  queue_.numbering_known(*numbering);
  take();
  EXPECT_FALSE(queue_.unknown_numbering());
  queue_.append_stored("c\n", kNow);
  queue_.drop_front();  // b
  ASSERT_TRUE(queue_.unknown_numbering()) << "c moves up";
  EXPECT_EQ(queue_.unknown_numbering()->id, 2u);
  EXPECT_EQ(queue_.unknown_numbering()->number, 51u);
}

TEST_F(SpooledQueueTest, OfABacklogOnlyTheNewestLineStays) {
  for (const char* line : {"a\n", "b\n", "c\n", "d\n"}) queue_.append_stored(line, kNow);
  std::size_t dropped = 0;
  const auto release = queue_.drop_backlog(dropped);
  EXPECT_EQ(dropped, 3u);
  EXPECT_EQ(release.to, 3u);
  EXPECT_EQ(queue_.spooled(), 1u);
  EXPECT_EQ(queue_.spool_front(), 3u);
}

}  // namespace
}  // namespace plotbridge::queue
