// Concern: after an outage a stream shows the present or its history first, as its `backlog` says,
// and neither another outage nor a restart of either side loses or repeats a line.
#include "tests/app/outbox_fixture.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

class OutboxBacklogTest : public OutboxTest {
 protected:
  void begin(config::Backlog backlog, std::size_t memory = std::size_t{1} << 20) {
    stream_.backlog = backlog;
    memory_ = memory;
    start(&store_own_, {stream_}, memory_);
  }
  // What goes next, one line each 50 ms.
  std::vector<int> next(std::size_t lines) {
    std::vector<int> values;
    for (int patience = 0; values.size() < lines && patience < 1000; ++patience) {
      const auto filled = fill(0, now_);
      if (filled.bytes > 0) values.push_back(std::stoi(std::string(room_.data() + 5)));
      if (filled.waits) outbox_->do_store_work(now_);
      if (filled.bytes > 0 || !filled.waits) now_ += 50ms;
    }
    return values;
  }
  // After kill -9; the endpoint has these.
  void restart(std::vector<OffsetRange> endpoint_has) {
    store_own_.restart();
    in_flight_.clear();
    start(&store_own_, {stream_}, memory_);
    outbox_->acknowledged(0, endpoint_has, true, now_);
    outbox_->on_reconnected(0);
  }

  config::Stream stream_ = paced(config::WhenFaster::kQueue);
  std::size_t memory_ = 0;
  TimePoint now_ = kStart;
  test::MemoryStore store_own_{1};
};

TEST_F(OutboxBacklogTest, InOrderTheBacklogGoesFirst) {
  begin(config::Backlog::kInOrder);
  push_some(0, 2);
  outbox_->on_reconnected(0);
  push(2);
  EXPECT_EQ(next(3), range(0, 3));
}

TEST_F(OutboxBacklogTest, LiveFirstThePresentIsShownAtOnceAndHistoryTricklesBehind) {
  begin(config::Backlog::kLiveFirst);
  push_some(0, 100);
  outbox_->on_reconnected(0);
  std::vector<int> live, history;
  for (int second = 0; second < 4; ++second) {
    for (int fifth = 0; fifth < 5; ++fifth) {  // 5 lines a second come, 20 may go
      push(1000 + 5 * second + fifth);
      for (const int line : next(4)) (line < 1000 ? history : live).push_back(line);
      EXPECT_EQ(live.back(), 1000 + 5 * second + fifth) << "it waits for no history";
    }
  }
  EXPECT_EQ(live.size(), 20U);
  EXPECT_EQ(history, range(0, 60));
  EXPECT_EQ(outbox_->statuses()[0].queued, 40U);
}

TEST_F(OutboxBacklogTest, AlsoWhereAllOfThemAreOnDiskAlone) {
  begin(config::Backlog::kLiveFirst, kRoomForNothing);
  push_some(0, 10);
  outbox_->on_reconnected(0);
  push_some(10, 15);
  EXPECT_EQ(outbox_->statuses()[0].spooled, 15U);
  EXPECT_EQ(next(7), (std::vector<int>{10, 11, 12, 13, 14, 0, 1}));
  push(15);
  EXPECT_EQ(next(9), (std::vector<int>{15, 2, 3, 4, 5, 6, 7, 8, 9}));
  arrive();
  EXPECT_EQ(store_own_.lines(), 0U);
}

TEST_F(OutboxBacklogTest, AfterAnotherOutageWhatWaitedLiveIsHistoryToo) {
  begin(config::Backlog::kLiveFirst);
  push_some(0, 6);
  outbox_->on_reconnected(0);
  push_some(10, 12);
  EXPECT_EQ(next(3), (std::vector<int>{10, 11, 0}));
  lose_connection();
  push_some(20, 22);
  outbox_->on_reconnected(0);
  push(30);
  EXPECT_EQ(next(11), (std::vector<int>{30, 0, 1, 2, 3, 4, 5, 10, 11, 20, 21}));
}

TEST_F(OutboxBacklogTest, ARestartOfTheBridgeNeitherLosesNorRepeats) {
  begin(config::Backlog::kLiveFirst);
  push_some(0, 200);
  outbox_->on_reconnected(0);
  push(1000);
  EXPECT_EQ(next(3), (std::vector<int>{1000, 0, 1}));
  push(1001);
  EXPECT_EQ(next(3), (std::vector<int>{1001, 2, 3}));
  // All of these are in the spool still. The endpoint has some of them.
  restart({{0, 2}, {200, 201}});
  push(1002);
  auto rest = next(200);
  EXPECT_EQ(rest.front(), 1002);
  rest.erase(rest.begin());
  std::vector<int> history = range(2, 200);
  history.push_back(1001);
  EXPECT_EQ(rest, history);
  EXPECT_TRUE(next(1).empty());
  arrive();
  EXPECT_EQ(store_own_.lines(), 0U);
}

TEST_F(OutboxBacklogTest, AnInOrderRunGoesOnWithWhatALiveFirstRunLeft) {
  begin(config::Backlog::kLiveFirst);
  push_some(0, 4);
  outbox_->on_reconnected(0);
  push(1000);
  EXPECT_EQ(next(2), (std::vector<int>{1000, 0}));
  stream_.backlog = config::Backlog::kInOrder;
  restart({{4, 5}});
  EXPECT_EQ(next(4), range(0, 4));
  EXPECT_TRUE(next(1).empty()) << "1000 is there";
}

TEST_F(OutboxBacklogTest, MergingConcernsLiveLinesOnly) {
  stream_ = paced(config::WhenFaster::kLatest);
  begin(config::Backlog::kLiveFirst);
  push(1);
  outbox_->on_reconnected(0);
  push(2);
  push(3);
  EXPECT_EQ(next(2), (std::vector<int>{3, 1}));
}

TEST_F(OutboxBacklogTest, DropLeavesTheNewestAlone) {
  begin(config::Backlog::kDrop);
  push_some(0, 10);
  outbox_->on_reconnected(0);
  push(10);
  EXPECT_EQ(next(2), (std::vector<int>{9, 10}));
  EXPECT_EQ(discarded(Discarded::kBacklog), 9U);
  arrive();
  EXPECT_EQ(store_own_.lines(), 0U);
}

TEST_F(OutboxBacklogTest, ALineThatTheDiskHasSpoiltIsLeftOutAndCounted) {
  begin(config::Backlog::kInOrder, kRoomForNothing);
  push_some(0, 10);
  store_own_.damage(0, 7);
  restart({{0, 4}});
  EXPECT_EQ(next(5), (std::vector<int>{4, 5, 6, 8, 9}));
  EXPECT_EQ(discarded(Discarded::kSpoolFailed), 1U);
  arrive();
  EXPECT_EQ(store_own_.lines(), 0U) << "nor is its place kept";
}

TEST_F(OutboxBacklogTest, OneThatHasArrivedIsNoLoss) {
  begin(config::Backlog::kInOrder, kRoomForNothing);
  push_some(0, 10);
  store_own_.damage(0, 3);
  restart({{0, 9}});
  EXPECT_EQ(next(1), range(9, 10));
  EXPECT_EQ(discarded(Discarded::kSpoolFailed), 0U);
}

}  // namespace
}  // namespace plotbridge::app
