// Concern: whatever comes, goes, arrives, is given up, or moves between memory and store, each
// offset is resolved once, and the next line is the lowest that is neither resolved nor on its way.
#include "plugin/queue/stream_log.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <set>
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
  log.append_stored();
  EXPECT_FALSE(log.can_rewrite(1)) << "it is not in memory";
  EXPECT_FALSE(StreamLog().can_rewrite(1));
}

TEST(StreamLog, WhatTheStoreHasLeavesMemoryFromItsNewEndAndComesBack) {
  StreamLog log;
  push(log, 2'000, true);
  const std::size_t before = log.memory();
  int evicted = 0;
  while (log.evict()) ++evicted;
  EXPECT_GT(evicted, 1);
  EXPECT_LT(log.memory(), before / 2);
  EXPECT_TRUE(log.find(log.end() - 1)) << "the block that grows stays";
  EXPECT_EQ(log.unresolved(), 2'000U);
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
  log.each_unstored([&](std::uint64_t at, const LineBlock::Line&) { unstored.push_back(at); });
  EXPECT_EQ(unstored.size(), 1'495U);
  log.mark_stored({0, 1'500});
  EXPECT_TRUE(log.evict());
  unstored.clear();
  log.each_unstored([&](std::uint64_t at, const LineBlock::Line&) { unstored.push_back(at); });
  EXPECT_TRUE(unstored.empty());
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

// A model that knows of each offset what it is.
struct Model {
  struct Line {
    std::string bytes;
    bool resolved = false;
    bool sent = false;
    bool stored = false;
    bool cached = true;
  };
  std::map<std::uint64_t, Line> lines;
  std::uint64_t live_from = 0;

  std::uint64_t next() const {
    std::uint64_t lowest = kNone;
    for (const auto& [at, line] : lines) {
      if (line.resolved || line.sent) continue;
      if (at >= live_from) return at;
      if (lowest == kNone) lowest = at;
    }
    return lowest;
  }
};

class LogBesideModel {
 public:
  void step(std::uint32_t what, std::uint32_t pick) {
    const std::uint64_t end = log.end();
    const std::uint64_t from = end == 0 ? 0 : pick % end;
    const OffsetRange range{from, std::min(end, from + 1 + pick / 7 % 3)};
    switch (what % 8) {
      case 0:
      case 1: {
        const bool stored = pick % 2 == 0;
        model.lines[end] = {text_of(end), false, false, stored};
        log.append({model.lines[end].bytes, kStart, stored});
        break;
      }
      case 2:
        if (log.next() != kNone) {
          model.lines[log.next()].sent = true;
          log.sent(log.next());
        }
        break;
      case 3: {
        std::uint64_t expected = 0;
        for (std::uint64_t at = range.from; at < range.to; ++at) {
          expected += model.lines[at].resolved ? 0 : 1;
          model.lines[at].resolved = true;
        }
        ASSERT_EQ(log.resolve(range), expected);
        break;
      }
      case 4:
        log.connection_ended();
        for (auto& [at, line] : model.lines) line.sent = false;
        break;
      case 5:
        rewrite(1 + pick % 2);
        break;
      case 6:
        for (std::uint64_t at = range.from; at < range.to; ++at) model.lines[at].stored = true;
        log.mark_stored(range);
        break;
      default:
        if (pick % 3 == 0) model.live_from = end;
        if (pick % 3 == 0) log.set_live_from(end);
        if (pick % 3 == 1) log.evict();
        if (pick % 3 == 2) fetch(log.missing(from));
    }
    check();
  }

 private:
  void rewrite(std::uint64_t lines) {
    bool may = lines <= log.end();
    for (std::uint64_t at = log.end() - std::min(lines, log.end()); at < log.end(); ++at) {
      may = may && !model.lines[at].resolved && !model.lines[at].sent && log.find(at).has_value();
    }
    ASSERT_EQ(log.can_rewrite(lines), may);
    if (!may) return;
    std::uint64_t at = log.end() - lines;
    log.rewrite(lines, [&] {
      Model::Line& line = model.lines[at++];
      line.bytes += "!";
      line.stored = false;
      return LineBlock::Line{line.bytes, kStart, false};
    });
  }
  void fetch(OffsetRange range) {
    for (std::uint64_t at = range.from; at < range.to; ++at) {
      ASSERT_FALSE(log.find(at)) << "only what is missing";
      ASSERT_TRUE(model.lines[at].stored) << "what memory alone had is never missing";
      log.fetched(at, model.lines[at].bytes, kStart);
    }
  }
  void check() {
    ASSERT_EQ(log.broken_invariant(), std::nullopt);
    ASSERT_EQ(log.next(), model.next());
    std::uint64_t unresolved = 0;
    std::uint64_t in_flight = 0;
    for (const auto& [at, line] : model.lines) {
      if (line.resolved) continue;
      ++unresolved;
      if (line.sent) ++in_flight;
      ASSERT_EQ(log.is_in_flight(at), line.sent);
      const auto found = log.find(at);
      ASSERT_EQ(found ? found->bytes : line.bytes, line.bytes);
      ASSERT_TRUE(found || line.stored) << "a line is in memory, in the store, or resolved";
    }
    ASSERT_EQ(log.unresolved(), unresolved);
    ASSERT_EQ(log.in_flight(), in_flight);
  }

  StreamLog log;
  Model model;
};

TEST(StreamLog, AfterEveryShortHistoryIsWhatTheModelSays) {
  constexpr std::uint32_t kWhats = 8;
  constexpr std::size_t kSteps = 5;
  std::uint32_t histories = 1;
  for (std::size_t i = 0; i < kSteps; ++i) histories *= kWhats;
  for (std::uint32_t history = 0; history < histories; ++history) {
    for (const std::uint32_t pick : {0U, 1U, 8U}) {
      LogBesideModel both;
      both.step(0, 1);
      std::uint32_t left = history;
      for (std::size_t i = 0; i < kSteps; ++i, left /= kWhats) {
        both.step(left % kWhats, pick + static_cast<std::uint32_t>(i));
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << history << ' ' << pick;
      }
    }
  }
}

TEST(StreamLog, AfterLongHistoriesIsWhatTheModelSays) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 generator(seed);
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    LogBesideModel both;
    for (int i = 0; i < 150; ++i) {
      both.step(random(), random());
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << seed;
    }
  }
}

}  // namespace
}  // namespace plotbridge::queue
