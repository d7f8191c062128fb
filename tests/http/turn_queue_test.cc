// Concern: turns are taken one after the other, and rather wait a second than take somebody's room.
#include "plugin/http/turn_queue.h"

#include "plugin/base/clock.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

class TurnQueueTest : public testing::Test {
 protected:
  void run_until_turns(std::size_t count) {
    while (turns_.size() < count) io_.run_one();
  }

  asio::io_context io_;
  bool has_room_ = true;
  int looks_ = 0;
  std::vector<ConnectionId> turns_;
  std::shared_ptr<TurnQueue> queue_ = std::make_shared<TurnQueue>(
      io_, TurnPace(5), [this](ConnectionId id) { turns_.push_back(id); },
      [this] {
        ++looks_;
        return has_room_;
      });
};

TEST_F(TurnQueueTest, GivesTurnsInTheOrderOfComing) {
  for (const ConnectionId id : {3U, 1U, 2U, 3U}) queue_->join(id);
  queue_->leave(1);
  EXPECT_EQ(queue_->waiting(), 3U);
  run_until_turns(3);
  EXPECT_EQ(turns_, (std::vector<ConnectionId>{3, 2, 3}));
  EXPECT_EQ(queue_->waiting(), 0U);
  EXPECT_EQ(queue_->turns(), 3U);
}

TEST_F(TurnQueueTest, WaitsForRoomAndTakesItAtOnce) {
  has_room_ = false;
  queue_->join(1);
  while (looks_ < 3) io_.run_one();
  EXPECT_TRUE(turns_.empty());
  has_room_ = true;
  const int before = looks_;
  run_until_turns(1);
  EXPECT_EQ(looks_, before + 1);
}

// One reader alone, who comes back for each part.
TEST_F(TurnQueueTest, DoesNotWaitForRoomAgainWhenTheSameOneComesBackAtOnce) {
  has_room_ = false;
  queue_->join(1);
  run_until_turns(1);
  io_.restart();  // it ran out of work
  queue_->join(1);
  const int before = looks_;
  run_until_turns(2);
  EXPECT_EQ(looks_, before + 1);
}

TEST(RoomWait, IsOverOnceThePoolWasFullForASecond) {
  RoomWait wait;
  EXPECT_FALSE(wait.is_over(false, kStart));
  EXPECT_FALSE(wait.is_over(false, kStart + 900ms));
  EXPECT_TRUE(wait.is_over(false, kStart + 1s));
  EXPECT_TRUE(wait.is_over(false, kStart + 2s)) << "turn after turn";
}

TEST(RoomWait, BeginsAnewWhenThereWasRoomOrNobodyLooked) {
  RoomWait wait;
  EXPECT_FALSE(wait.is_over(false, kStart));
  EXPECT_TRUE(wait.is_over(true, kStart + 500ms));
  EXPECT_FALSE(wait.is_over(false, kStart + 1s));
  EXPECT_TRUE(wait.is_over(false, kStart + 2s));
  EXPECT_FALSE(wait.is_over(false, kStart + 2s + RoomWait::kPause));
  EXPECT_TRUE(wait.is_over(false, kStart + 3s + RoomWait::kPause));
}

TEST_F(TurnQueueTest, TakesTurnsOnceThereWasNoRoomForASecond) {
  has_room_ = false;
  const TimePoint begin = steady_now();
  queue_->join(1);
  queue_->join(2);
  run_until_turns(2);
  EXPECT_GE(steady_now() - begin, RoomWait::kLongest) << "a lower bound";
}

}  // namespace
}  // namespace plotbridge::http
