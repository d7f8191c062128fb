// Concern: lines come out whole and in order whatever the limits do, and what was handed out can be
// had again.
#include "plugin/queue/line_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

namespace plotbridge::queue {
namespace {

TimePoint at(int ms) { return TimePoint(std::chrono::milliseconds(ms)); }

std::string take(LineQueue& queue) {
  const std::string line(queue.front().bytes);
  queue.advance();
  return line;
}

class LineQueueTest : public testing::Test {
 protected:
  MemoryBudget budget_{1 << 20};
};

TEST_F(LineQueueTest, LinesComeOutInOrderWithTheTimeTheyWereReceived) {
  LineQueue queue(10, WhenFull::kDropOldest, budget_);
  queue.push("one\n", at(1));
  queue.push("two\n", at(2));
  EXPECT_EQ(queue.front().received, at(1));
  EXPECT_EQ(take(queue), "one\n");
  EXPECT_EQ(take(queue), "two\n");
  EXPECT_FALSE(queue.has_unsent());
}

TEST_F(LineQueueTest, FullQueueDropsTheOldestLine) {
  LineQueue queue(2, WhenFull::kDropOldest, budget_);
  queue.push("1\n", at(0));
  queue.push("2\n", at(0));
  const Pushed pushed = queue.push("3\n", at(0));
  EXPECT_TRUE(pushed.taken);
  EXPECT_EQ(pushed.dropped, 1u);
  EXPECT_EQ(take(queue), "2\n");
  EXPECT_EQ(take(queue), "3\n");
}

TEST_F(LineQueueTest, FullQueueRefusesTheNewestLineWhenToldSo) {
  LineQueue queue(1, WhenFull::kDropNewest, budget_);
  EXPECT_TRUE(queue.push("1\n", at(0)).taken);
  EXPECT_FALSE(queue.push("2\n", at(0)).taken);
  EXPECT_EQ(take(queue), "1\n");
  EXPECT_FALSE(queue.has_unsent());
}

TEST_F(LineQueueTest, ABrokenConnectionGetsItsUnacknowledgedLinesAgain) {
  LineQueue queue(10, WhenFull::kDropOldest, budget_);
  for (const char* line : {"1\n", "2\n", "3\n", "4\n"}) queue.push(line, at(0));
  take(queue);
  take(queue);
  take(queue);
  queue.release(1);
  EXPECT_EQ(queue.rewind(), 2u);
  EXPECT_EQ(take(queue), "2\n");
  EXPECT_EQ(take(queue), "3\n");
  EXPECT_EQ(take(queue), "4\n");
}

TEST_F(LineQueueTest, NewestLineCanBeReplacedUntilItIsHandedOut) {
  LineQueue queue(10, WhenFull::kDropOldest, budget_);
  queue.push("1\n", at(0));
  queue.push("old\n", at(1));
  EXPECT_TRUE(queue.replace_newest("a longer new one\n", at(2)));
  EXPECT_EQ(take(queue), "1\n");
  EXPECT_EQ(queue.front().received, at(2));
  EXPECT_EQ(take(queue), "a longer new one\n");
  EXPECT_FALSE(queue.replace_newest("late\n", at(3)));
}

TEST_F(LineQueueTest, LineBeforeTheNewestCanBeDroppedUntilItIsHandedOut) {
  LineQueue queue(10, WhenFull::kDropOldest, budget_);
  for (const char* line : {"1\n", "2\n", "three\n"}) queue.push(line, at(0));
  EXPECT_TRUE(queue.drop_before_newest());
  queue.push("4\n", at(1));
  EXPECT_TRUE(queue.drop_before_newest());
  EXPECT_EQ(take(queue), "1\n");
  EXPECT_FALSE(queue.drop_before_newest()) << "only the newest is left";
  EXPECT_EQ(take(queue), "4\n");
  queue.rewind();
  EXPECT_FALSE(queue.drop_before_newest()) << "the endpoint may have what came back";
  EXPECT_FALSE(queue.replace_newest("late\n", at(3)));
  EXPECT_EQ(take(queue), "1\n");
}

TEST_F(LineQueueTest, WhatCameBackIsNotGivenUpAndKeepsItsNumber) {
  LineQueue queue(1, WhenFull::kDropOldest, budget_);
  for (const char* line : {"1\n", "2\n"}) {
    queue.push(line, at(0));
    take(queue);
  }
  queue.rewind();
  EXPECT_EQ(take(queue), "1\n") << "on a new connection, which counts on from here";
  for (const char* line : {"3\n", "4\n"}) queue.push(line, at(0));
  EXPECT_EQ(queue.front_number(), 1u);
  for (const char* line : {"2\n", "4\n"}) EXPECT_EQ(take(queue), line);
}

TEST_F(LineQueueTest, ALimitThatIsPassedIsStillOne) {
  MemoryBudget budget(1000);
  LineQueue queue(1000, WhenFull::kDropNewest, budget);
  queue.push_always({std::string(1500, 'x'), at(0)});
  EXPECT_GT(budget.used(), budget.capacity());
  EXPECT_FALSE(queue.push("1\n", at(0)).taken);
}

TEST_F(LineQueueTest, QueuesShareOneMemoryBudget) {
  MemoryBudget budget(1000);
  LineQueue first(1000, WhenFull::kDropOldest, budget);
  LineQueue second(1000, WhenFull::kDropOldest, budget);
  const std::string line(600, 'x');
  EXPECT_TRUE(first.push(line, at(0)).taken);
  // No room, and nothing of its own to drop: the new line goes.
  EXPECT_FALSE(second.push(line, at(0)).taken);
  take(first);
  first.release(1);
  EXPECT_EQ(budget.used(), 0u) << "no line, no memory";
  EXPECT_TRUE(second.push(line, at(0)).taken);
}

TEST_F(LineQueueTest, DestructionGivesTheMemoryBack) {
  {
    LineQueue queue(10, WhenFull::kDropOldest, budget_);
    queue.push("1\n", at(0));
    LineQueue moved(std::move(queue));
    take(moved);
    moved.push("2\n", at(0));
    EXPECT_GT(budget_.used(), 0u);
  }
  EXPECT_EQ(budget_.used(), 0u);
}

// Against a plain model: any sequence of operations keeps order, counts and the budget.
TEST_F(LineQueueTest, BehavesLikeAListUnderRandomUse) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    MemoryBudget budget(6000);
    const auto when_full = seed % 2 ? WhenFull::kDropOldest : WhenFull::kDropNewest;
    LineQueue queue(20, when_full, budget);
    std::deque<std::string> flight, unsent;  // of the unsent ones `again` were handed out before
    std::size_t again = 0;
    int next = 0;
    for (int step = 0; step < 3000; ++step) {
      switch (random() % 7) {
        case 0:
        case 1: {
          const std::string line = std::to_string(next++) + std::string(random() % 300, '.') + '\n';
          const Pushed pushed = queue.push(line, at(0));
          for (std::size_t i = 0; i < pushed.dropped; ++i) {
            const bool fresh = again < unsent.size();
            unsent.erase(unsent.begin() + static_cast<std::ptrdiff_t>(fresh ? again : 0));
            if (!fresh) --again;
          }
          if (pushed.taken) unsent.push_back(line);
          break;
        }
        case 2:
          if (!unsent.empty()) {
            ASSERT_EQ(take(queue), unsent.front());
            flight.push_back(unsent.front());
            unsent.pop_front();
            if (again > 0) --again;
          }
          break;
        case 3:
          if (!flight.empty()) {
            const std::size_t lines = random() % flight.size() + 1;
            queue.release(lines);
            flight.erase(flight.begin(), flight.begin() + static_cast<std::ptrdiff_t>(lines));
          }
          break;
        case 4:
          if (random() % 10 == 0) {
            ASSERT_EQ(queue.rewind(), flight.size());
            unsent.insert(unsent.begin(), flight.begin(), flight.end());
            again += flight.size();
            flight.clear();
          }
          break;
        case 5:
          if (queue.drop_before_newest()) {
            ASSERT_GE(unsent.size(), again + 2);
            unsent.erase(unsent.end() - 2);
          }
          break;
        default: {
          const std::string line = std::to_string(next++) + "r\n";
          if (queue.replace_newest(line, at(0))) {
            ASSERT_GT(unsent.size(), again);
            unsent.back() = line;
          }
        }
      }
      ASSERT_EQ(queue.unsent(), unsent.size());
      ASSERT_EQ(queue.in_flight(), flight.size());
      // What is sent again, or takes another line's place, may need a little more.
      ASSERT_LE(budget.used(), budget.capacity() + 8000);
    }
  }
}

}  // namespace
}  // namespace plotbridge::queue
