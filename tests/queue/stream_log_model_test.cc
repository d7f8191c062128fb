// Concern: after every history of what can happen to a log it is what a simple model says, and its
// invariants hold after each step.
#include "plugin/queue/stream_log.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>

namespace plotbridge::queue {
namespace {

constexpr std::uint64_t kNoOffset = StreamLog::kNone;

std::string bytes_of(std::uint64_t offset) { return "line " + std::to_string(offset) + "\n"; }

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
    std::uint64_t lowest = kNoOffset;
    for (const auto& [at, line] : lines) {
      if (line.resolved || line.sent) continue;
      if (at >= live_from) return at;
      if (lowest == kNoOffset) lowest = at;
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
    switch (what % 10) {
      case 0:
      case 1: {
        const bool stored = pick % 2 == 0;
        model.lines[end] = {bytes_of(end), false, false, stored};
        log.append({model.lines[end].bytes, kStart, stored});
        break;
      }
      case 2:
        if (log.next() != kNoOffset) {
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
      case 8:
        lose(range);
        break;
      case 9: {
        for (std::uint64_t at = range.from; at < range.to; ++at) {
          model.lines[at].resolved = model.lines[at].resolved || !model.lines[at].sent;
        }
        log.resolve_waiting(range, [](OffsetRange) {});
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
    bool may = lines <= log.end() && log.end() - lines >= model.live_from;
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
  void lose(OffsetRange range) {
    for (std::uint64_t at = range.from; at < range.to; ++at) {
      Model::Line& line = model.lines[at];
      const bool stays = log.find(at) && (line.sent || !line.stored);
      line.stored = false;
      line.resolved = line.resolved || !stays;
    }
    log.lost_by_store(range, [](OffsetRange) {});
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
    std::uint64_t unstored = 0;
    for (const auto& [at, line] : model.lines) unstored += !line.resolved && !line.stored ? 1 : 0;
    ASSERT_EQ(log.unstored(), unstored);
    log.each_unstored([&](std::uint64_t at, const LineBlock::Line&) {
      EXPECT_FALSE(model.lines[at].stored || model.lines[at].resolved) << at;
      --unstored;
      return true;
    });
    ASSERT_EQ(unstored, 0U);
    ASSERT_EQ(log.unresolved(), unresolved);
    ASSERT_EQ(log.in_flight(), in_flight);
  }

  StreamLog log{40};  // a few lines a block
  Model model;
};

TEST(StreamLog, AfterEveryShortHistoryIsWhatTheModelSays) {
  constexpr std::uint32_t kWhats = 10;
  constexpr std::size_t kSteps = 4;
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
