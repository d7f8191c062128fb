// Concern: after an outage a stream of `backlog: live_first` shows the present at once, its history
// trickles behind, and neither another outage nor a restart loses or doubles a line.
#include "plugin/app/intake.h"

#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

class IntakeLanesTest : public testing::Test {
 protected:
  void start(std::size_t capacity = 10'000, config::Backlog backlog = config::Backlog::kLiveFirst,
             bool with_store = true) {
    config::Stream stream;
    stream.name = "boiler";
    stream.max_rate = 20;
    stream.when_faster = config::WhenFaster::kQueue;
    stream.backlog = backlog;
    stream.queue_capacity = capacity;
    IntakeOptions options;
    options.memory = std::size_t{1} << 20;
    if (with_store) options.store = &store_;
    options.store_capacity = std::size_t{1} << 20;
    intake_.emplace(std::vector{stream}, options);
  }
  void push(int y) {
    const std::string text = std::to_string(y) + "\n";
    intake_->push(0, Line{text}, Arrival{now_, {}, true});
  }
  void push(int from, int to) {
    for (int y = from; y < to; ++y) push(y);
  }
  // What goes next, one line each 50 ms.
  std::vector<int> sent(std::size_t lines) {
    std::vector<int> values;
    std::array<char, 100> room;
    std::size_t offset = 0;
    for (int patience = 0; values.size() < lines && patience < 1000; ++patience) {
      const auto filled = intake_->fill(0, room, offset, now_, Intake::kNoLimit, true);
      const std::string text(room.data(), filled.bytes);
      if (text == "{}\n") {
        values.push_back(-1);
      } else if (filled.bytes > 0) {
        values.push_back(std::stoi(text));
      }
      now_ += 50ms;
    }
    return values;
  }
  void lose_connection() {
    intake_->send_again(0, [](std::uint64_t, std::size_t) { return false; });
  }
  // After kill -9; the endpoint has every line before this number.
  void restart(std::uint64_t endpoint_has, std::size_t capacity = 10'000) {
    store_.restart();
    start(capacity);
    intake_->came_back(0);
    intake_->go_on_at(0, endpoint_has, now_);
  }
  StreamStatus status() const { return intake_->statuses()[0]; }

  TimePoint now_{100s};
  test::MemoryStore store_{1};
  std::optional<Intake> intake_;
};

TEST_F(IntakeLanesTest, ThePresentIsShownAtOnceAndHistoryTricklesBehind) {
  start();
  push(0, 100);
  intake_->came_back(0);
  std::vector<int> live, history;
  for (int second = 0; second < 4; ++second) {
    for (int fifth = 0; fifth < 5; ++fifth) {  // 5 lines a second come, 20 may go
      push(1000 + 5 * second + fifth);
      for (const int line : sent(4)) (line < 1000 ? history : live).push_back(line);
      EXPECT_EQ(live.back(), 1000 + 5 * second + fifth) << "it waits for no history";
    }
  }
  EXPECT_EQ(live.size(), 20u);
  ASSERT_EQ(history.size(), 60u);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(history[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(status().queued, 40u);
}

TEST_F(IntakeLanesTest, InOrderTheBacklogGoesFirst) {
  start(10'000, config::Backlog::kInOrder);
  push(0, 2);
  intake_->came_back(0);
  push(2);
  EXPECT_EQ(sent(3), (std::vector<int>{0, 1, 2}));
}

TEST_F(IntakeLanesTest, MemoryAndDiskHaveBothLanes) {
  start(3);
  push(0, 10);
  intake_->came_back(0);
  push(10, 15);
  EXPECT_EQ(status().queued, 3u);
  EXPECT_EQ(status().spooled, 12u);
  EXPECT_EQ(sent(7), (std::vector<int>{10, 11, 12, 13, 14, 0, 1}));
  push(15);
  EXPECT_EQ(sent(9), (std::vector<int>{15, 2, 3, 4, 5, 6, 7, 8, 9}));
  intake_->release(0, 16);
  store_.flush(false);
  EXPECT_EQ(store_.lines(), 0u);
}

TEST_F(IntakeLanesTest, WithoutASpoolAFullQueueGivesUpHistory) {
  start(3, config::Backlog::kLiveFirst, false);
  push(0, 3);
  intake_->came_back(0);
  push(3);
  EXPECT_EQ(sent(3), (std::vector<int>{3, 1, 2}));
}

TEST_F(IntakeLanesTest, AfterAnotherOutageWhatWaitedLiveIsHistoryToo) {
  start(3);
  push(0, 6);
  intake_->came_back(0);
  push(10, 12);
  EXPECT_EQ(sent(3), (std::vector<int>{10, 11, 0}));
  lose_connection();
  push(20, 22);
  intake_->came_back(0);
  push(30);
  EXPECT_EQ(sent(12), (std::vector<int>{10, 11, 0, 30, 1, 2, 3, 4, 5, 20, 21}))
      << "what was handed out has its number already, so it goes first";
}

TEST_F(IntakeLanesTest, ARestartWhileHistoryTricklesNeitherLosesNorDoubles) {
  start();
  push(0, 200);
  intake_->came_back(0);
  push(1000);
  EXPECT_EQ(sent(3), (std::vector<int>{1000, 0, 1}));
  push(1001);
  EXPECT_EQ(sent(3), (std::vector<int>{1001, 2, 3}));
  // The endpoint says that it has 1000 and 0, and may have more of what went.
  restart(2);
  push(1002);
  EXPECT_EQ(intake_->front_number(0), 2u);
  EXPECT_EQ(sent(4), (std::vector<int>{1, 1001, 2, 3})) << "with the numbers that they had";
  // A run says up to 64 lines; which of them were handed out is not known.
  std::vector<int> rest = sent(62);
  EXPECT_EQ(rest.front(), 4);
  EXPECT_EQ(rest.back(), 65);
  EXPECT_EQ(sent(2), (std::vector<int>{1002, 66}));
  rest = sent(133);
  EXPECT_EQ(rest.back(), 199);
  EXPECT_TRUE(sent(1).empty());
  intake_->release(0, 66 + 2 + 133);
  store_.flush(false);
  EXPECT_EQ(store_.lines(), 0u);
}

// What is left on disk of a line that the endpoint may have is its number.
TEST_F(IntakeLanesTest, ALineThatIsGoneLeavesItsNumberToAnEmptyPoint) {
  start();
  push(0, 5);
  intake_->came_back(0);
  push(1000);
  EXPECT_EQ(sent(2), (std::vector<int>{1000, 0}));
  push(1001);
  EXPECT_EQ(sent(1), (std::vector<int>{1001}));
  store_.give_up_oldest();  // 0
  restart(0);
  EXPECT_EQ(sent(3), (std::vector<int>{1000, -1, 1001}));
  EXPECT_EQ(sent(4), (std::vector<int>{1, 2, 3, 4}));
}

TEST_F(IntakeLanesTest, AnInOrderRunGoesOnWithWhatALiveFirstRunLeft) {
  start();
  push(0, 4);
  intake_->came_back(0);
  push(1000);
  EXPECT_EQ(sent(2), (std::vector<int>{1000, 0}));
  store_.restart();
  start(10'000, config::Backlog::kInOrder);
  intake_->came_back(0);
  intake_->go_on_at(0, 1, now_);
  EXPECT_EQ(sent(4), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_TRUE(sent(1).empty()) << "1000 is there";
}

TEST_F(IntakeLanesTest, MergingConcernsLiveLinesOnly) {
  config::Stream stream;
  stream.name = "boiler";
  stream.max_rate = 20;
  stream.when_faster = config::WhenFaster::kLatest;
  stream.backlog = config::Backlog::kLiveFirst;
  IntakeOptions options;
  options.store = &store_;
  options.store_capacity = std::size_t{1} << 20;
  intake_.emplace(std::vector{stream}, options);
  push(1);
  intake_->came_back(0);
  push(2);
  push(3);
  EXPECT_EQ(sent(2), (std::vector<int>{3, 1}));
}

}  // namespace
}  // namespace plotbridge::app
