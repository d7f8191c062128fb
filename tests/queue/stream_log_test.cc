// Concern: whatever comes, goes, arrives, is given up, or moves between memory and store, each
// offset is resolved once, and the next line is the lowest that is neither resolved nor on its way.
#include "plugin/queue/stream_log.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace plotbridge::queue {
namespace {

constexpr std::uint64_t kNone = StreamLog::kNone;

std::string text_of(std::uint64_t offset) { return "line " + std::to_string(offset) + "\n"; }

void push(StreamLog& log, std::uint64_t lines, bool stored = false) {
  for (std::uint64_t i = 0; i < lines; ++i) {
    const std::string text = text_of(log.end());
    log.append({text, kStart, stored});
  }
}

std::vector<std::uint64_t> send_all(StreamLog& log) {
  std::vector<std::uint64_t> sent;
  for (std::uint64_t next = log.next(); next != kNone; next = log.next()) {
    sent.push_back(next);
    log.sent(next);
  }
  return sent;
}

using Offsets = std::vector<std::uint64_t>;

TEST(StreamLog, LinesGoInTheirOrderAndAgainWhenTheConnectionEnds) {
  StreamLog log;
  push(log, 4);
  EXPECT_EQ(send_all(log), (Offsets{0, 1, 2, 3}));
  EXPECT_EQ(log.in_flight(), 4U);
  EXPECT_EQ(log.resolve({0, 2}), 2U);
  EXPECT_EQ(log.resolve({0, 2}), 0U) << "resolving what is resolved changes nothing";
  EXPECT_EQ(log.in_flight(), 2U);
  log.connection_ended();
  EXPECT_EQ(log.in_flight(), 0U);
  push(log, 1);
  EXPECT_EQ(send_all(log), (Offsets{2, 3, 4}));
  EXPECT_EQ(log.resolve({2, 5}), 3U);
  EXPECT_EQ(log.unresolved(), 0U);
  EXPECT_EQ(log.memory(), 0U);
}

TEST(StreamLog, WhatArrivedOutOfOrderIsNotSentAgain) {
  StreamLog log;
  push(log, 6);
  send_all(log);
  log.resolve({1, 2});
  log.resolve({4, 6});
  log.connection_ended();
  EXPECT_EQ(log.begin(), 0U);
  EXPECT_EQ(send_all(log), (Offsets{0, 2, 3}));
}

TEST(StreamLog, LiveLinesGoFirstAndHistoryFillsWhatIsLeft) {
  StreamLog log;
  push(log, 5);
  log.set_live_from(log.end() - 1);
  EXPECT_EQ(log.next(), 4U);
  log.sent(4);
  EXPECT_EQ(log.next(), 0U);
  log.sent(0);
  push(log, 1);
  EXPECT_EQ(log.next(), 5U) << "the present does not wait for history";
  EXPECT_EQ(send_all(log), (Offsets{5, 1, 2, 3}));
}

// Outage after outage, and history never drains.
TEST(StreamLog, WithManyRangesTheLowestGapIsFilledFirst) {
  StreamLog log;
  for (std::size_t i = 0; i < RangeSet::kMany; ++i) {
    push(log, 2);
    log.resolve({log.end() - 1, log.end()});
  }
  push(log, 1);
  log.set_live_from(log.end() - 1);
  EXPECT_EQ(log.next(), 0U);
  log.resolve({0, 1});
  EXPECT_EQ(log.next(), 2U) << "that made no two ranges one";
  log.resolve({2, 3});
  EXPECT_EQ(log.next(), log.end() - 1);
}

TEST(StreamLog, TheNewestLinesAreRewrittenUnlessTheyAreOnTheirWay) {
  StreamLog log;
  push(log, 3);
  ASSERT_TRUE(log.can_rewrite(2));
  int n = 0;
  log.rewrite(2, [&] {
    ++n;
    return LineBlock::Line{n == 1 ? "new 1\n" : "new 2\n", kStart, false};
  });
  EXPECT_EQ(log.end(), 3U);
  EXPECT_EQ(log.find(1)->bytes, "new 1\n");
  EXPECT_EQ(log.find(2)->bytes, "new 2\n");
  log.sent(0);
  log.sent(1);
  EXPECT_FALSE(log.can_rewrite(2));
  EXPECT_TRUE(log.can_rewrite(1));
  log.resolve({2, 3});
  EXPECT_FALSE(log.can_rewrite(1));
  push(log, LineBlock::kMaxLines - 3, true);
  log.connection_ended();
  log.mark_stored({0, log.end()});
  ASSERT_TRUE(log.evict());
  EXPECT_FALSE(log.can_rewrite(1)) << "it is not in memory";
  push(log, 1);
  EXPECT_TRUE(log.can_rewrite(1));
  log.set_live_from(log.end());
  EXPECT_FALSE(log.can_rewrite(1)) << "it is history";
  EXPECT_FALSE(StreamLog().can_rewrite(1));
}

TEST(StreamLog, WhatTheStoreHasLeavesMemoryFromItsNewEndAndComesBack) {
  StreamLog log;
  push(log, 2'000, true);
  const std::size_t before = log.memory();
  while (log.find(1)) ASSERT_TRUE(log.evict());
  EXPECT_LT(log.memory(), before / 2);
  EXPECT_TRUE(log.find(log.end() - 1)) << "the block that grows is the last to go";
  EXPECT_TRUE(log.evict());
  EXPECT_FALSE(log.evict());
  EXPECT_EQ(log.memory(), 0U);
  push(log, 1);
  EXPECT_EQ(log.unresolved(), 2'001U);
  EXPECT_EQ(log.next(), 0U);
  const OffsetRange missing = log.missing(log.next());
  EXPECT_EQ(missing.from, 0U);
  for (std::uint64_t at = missing.from; at < missing.to; ++at) {
    log.fetched(at, text_of(at), kStart);
    ASSERT_EQ(log.broken_invariant(), std::nullopt);
  }
  EXPECT_TRUE(log.missing(0).size() == 0);
  for (std::uint64_t at = 0; at < log.end(); ++at) ASSERT_EQ(log.find(at)->bytes, text_of(at));
}

TEST(StreamLog, WhatMemoryAloneHasIsNotEvictedUntilItIsStored) {
  StreamLog log;
  push(log, 1'500);
  EXPECT_FALSE(log.evict());
  Offsets unstored;
  log.resolve({5, 10});
  log.each_unstored([&](std::uint64_t at, const LineBlock::Line&) {
    unstored.push_back(at);
    return true;
  });
  EXPECT_EQ(unstored.size(), 1'495U);
  log.mark_stored({0, 1'500});
  EXPECT_TRUE(log.evict());
  unstored.clear();
  log.each_unstored([&](std::uint64_t at, const LineBlock::Line&) {
    unstored.push_back(at);
    return true;
  });
  EXPECT_TRUE(unstored.empty());
}

TEST(StreamLog, ALineThatIsSentInPartStaysInMemoryUntilItIsSentAsAWhole) {
  StreamLog log(1);  // a block for each line
  push(log, 3, true);
  log.sent(0, true);
  while (log.evict()) {
  }
  EXPECT_TRUE(log.find(0));
  EXPECT_FALSE(log.find(1));
  log.resolve({0, 1});
  EXPECT_TRUE(log.find(0)) << "the rest of it is still to be sent";
  EXPECT_EQ(log.broken_invariant(), std::nullopt);
  log.sent(0);
  EXPECT_FALSE(log.find(0));
  EXPECT_EQ(log.broken_invariant(), std::nullopt);
  push(log, 1);
  log.sent(3, true);
  log.resolve({3, 4});
  log.connection_ended();
  EXPECT_FALSE(log.find(3));
}

TEST(StreamLog, OfWhatTheStoreLosesOnlyTheLinesInFlightStay) {
  StreamLog log(1);
  push(log, 6, true);
  for (const std::uint64_t at : {0U, 1U, 2U}) log.sent(at);
  while (log.evict()) {
  }
  log.connection_ended();
  log.fetched(1, text_of(1), kStart);
  log.sent(0);
  log.sent(1);
  log.resolve({2, 3});
  Offsets gone;
  log.lost_by_store({0, 5}, [&](OffsetRange range) {
    for (; range.from < range.to; ++range.from) gone.push_back(range.from);
  });
  EXPECT_EQ(gone, (Offsets{0, 3, 4})) << "1 is in flight and in memory, 2 has arrived";
  EXPECT_EQ(log.unstored(), 1U);
  log.connection_ended();
  EXPECT_EQ(log.next(), 1U);
}

TEST(StreamLog, WhatMemoryAloneHasIsFoundFromEitherEndButForWhatIsInFlight) {
  StreamLog log(1);  // a block for each line
  push(log, 2);
  push(log, 1, true);
  push(log, 3);
  log.sent(0);
  log.sent(5);
  EXPECT_EQ(log.oldest_waiting_unstored(), 1U);
  EXPECT_EQ(log.newest_waiting_unstored(), 4U);
  log.resolve({1, 2});
  EXPECT_EQ(log.oldest_waiting_unstored(), 3U) << "the store has 2";
  EXPECT_EQ(log.block_around(3), (OffsetRange{3, 4}));
  log.mark_stored({3, 5});
  EXPECT_EQ(log.oldest_waiting_unstored(), kNone);
  EXPECT_EQ(log.newest_waiting_unstored(), kNone);
  log.connection_ended();
  EXPECT_EQ(log.oldest_waiting_unstored(), 0U);
  EXPECT_EQ(log.newest_waiting_unstored(), 5U);
}

TEST(StreamLog, ALineThatWasRewrittenIsNotLostWithItsOlderRecord) {
  StreamLog log;
  push(log, 2, true);
  log.rewrite(1, [] { return LineBlock::Line{"newer\n", kStart, false}; });
  std::uint64_t gone = 0;
  log.lost_by_store({0, 2}, [&](OffsetRange range) { gone += range.size(); });
  EXPECT_EQ(gone, 1U);
  EXPECT_EQ(log.next(), 1U);
  EXPECT_EQ(log.find(1)->bytes, "newer\n");
}

TEST(StreamLog, OfSomeOffsetsTheLowestThatWaitsIsNext) {
  StreamLog log;
  push(log, 10);
  log.resolve({2, 4});
  log.sent(4);
  RangeSet some;
  some.add({2, 6});
  some.add({8, 20});
  EXPECT_EQ(log.next_of(some), 5U);
  log.sent(5);
  EXPECT_EQ(log.next_of(some), 8U);
  log.resolve({8, 10});
  EXPECT_EQ(log.next_of(some), kNone);
}

TEST(StreamLog, GoesOnWhereAnEarlierRunEnded) {
  RangeSet resolved;
  resolved.add({0, 10});
  resolved.add({12, 13});
  StreamLog log(15, resolved);
  EXPECT_EQ(log.unresolved(), 4U);
  EXPECT_EQ(log.missing(0), (OffsetRange{10, 12}));
  EXPECT_EQ(log.missing(12), (OffsetRange{13, 15}));
  push(log, 1);
  EXPECT_EQ(send_all(log), (Offsets{10, 11, 13, 14, 15}));
}

}  // namespace
}  // namespace plotbridge::queue
