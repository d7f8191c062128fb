// Concern: what comes goes out in its order or is merged as the stream says, and without a spool
// full memory costs who has most, and never a quiet stream.
#include "tests/app/outbox_fixture.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

class OutboxAloneTest : public OutboxTest {
 protected:
  void start_alone(std::vector<config::Stream> streams, std::size_t memory = std::size_t{1} << 20) {
    start(nullptr, std::move(streams), memory);
  }
  // Everything that goes, each line when its time has come.
  std::vector<int> sent_in_time() {
    std::vector<int> all;
    for (TimePoint now = kStart; outbox_->statuses()[0].queued > 0; now += 50ms) {
      for (const int y : sent(0, now)) all.push_back(y);
    }
    return all;
  }
};

TEST_F(OutboxAloneTest, OfLinesThatComeTooFastTheLatestGoes) {
  start_alone({paced(config::WhenFaster::kLatest)});
  push_some(1, 4);
  EXPECT_EQ(discarded(Discarded::kThrottled), 2U);
  EXPECT_EQ(sent_in_time(), range(3, 4));
}

TEST_F(OutboxAloneTest, OrTheirMean) {
  start_alone({paced(config::WhenFaster::kMean)});
  for (const int y : {1, 2, 6}) push(y);
  EXPECT_EQ(discarded(Discarded::kThrottled), 2U);
  EXPECT_EQ(sent_in_time(), range(3, 4));
}

TEST_F(OutboxAloneTest, OrTheSmallestAndTheLargest) {
  start_alone({paced(config::WhenFaster::kMinMax)});
  for (const int y : {2, 1, 2, 7, 6}) push(y);
  EXPECT_EQ(discarded(Discarded::kThrottled), 3U);
  EXPECT_EQ(sent_in_time(), (std::vector<int>{1, 7}));
}

TEST_F(OutboxAloneTest, OrAllOfThemLater) {
  start_alone({paced(config::WhenFaster::kQueue)});
  for (const int y : {2, 1, 2}) push(y);
  EXPECT_EQ(sent_in_time(), (std::vector<int>{2, 1, 2}));
}

TEST_F(OutboxAloneTest, LinesOfOneMessageAreMergedAsThoseOfSeveral) {
  start_alone({paced(config::WhenFaster::kLatest)});
  for (int y = 1; y < 4; ++y) {
    const std::string text = text_of(y);
    outbox_->push(0, Line{text, 5, 1}, Arrival{kStart});
  }
  outbox_->end_message();
  EXPECT_EQ(sent_in_time(), range(3, 4));
}

// Found as a crash: the newer line took the place of one whose first bytes were on the connection.
TEST_F(OutboxAloneTest, ALineThatIsSentInPartIsNeitherReplacedNorDropped) {
  auto stream = paced(config::WhenFaster::kLatest);
  stream.queue_capacity = 1;
  start_alone({stream});
  const std::string first = "{\"y\":" + std::string(300, '1') + "}\n";
  outbox_->push(0, Line{first, 5, 300}, Arrival{kStart});
  outbox_->end_message();
  std::array<char, 100> room;
  std::string bytes;
  const auto part = outbox_->fill(0, room, kStart, {}, in_flight_);
  bytes.append(room.data(), part.bytes);
  EXPECT_TRUE(part.in_part);
  EXPECT_EQ(part.lines, 0U);
  push(2);
  push(3);
  for (TimePoint now = kStart; bytes.size() < first.size() + 8; now += 50ms) {
    ASSERT_LT(now, kStart + 10s);
    bytes.append(room.data(), outbox_->fill(0, room, now, {}, in_flight_).bytes);
  }
  EXPECT_EQ(bytes, first + text_of(3));
}

TEST_F(OutboxAloneTest, WhenMoreWaitThanMayTheOldestGo) {
  start_alone({with_capacity(3)});
  EXPECT_TRUE(push(0).empty());
  push_some(1, 3);
  EXPECT_EQ(push(3), (Losses{{0, Discarded::kQueueFull}}));
  push(4);
  EXPECT_EQ(discarded(Discarded::kQueueFull), 2U);
  EXPECT_EQ(sent(), range(2, 5));
}

TEST_F(OutboxAloneTest, OrTheNewest) {
  start_alone({with_capacity(3, config::WhenFull::kDropNewest)});
  push_some(0, 5);
  EXPECT_EQ(discarded(Discarded::kQueueFull), 2U);
  EXPECT_EQ(sent(), range(0, 3));
}

TEST_F(OutboxAloneTest, WhatIsInFlightIsNotGivenUpAndGoesAgain) {
  start_alone({with_capacity(3)});
  push_some(0, 3);
  EXPECT_EQ(fill().lines, 3U);
  push_some(3, 7);
  EXPECT_EQ(discarded(Discarded::kQueueFull), 1U);
  lose_connection();
  EXPECT_EQ(sent(), (std::vector<int>{0, 1, 2, 4, 5, 6}));
}

// Found by reading: a stream without a line of its own dropped its newest one when others had used
// up the memory of all.
TEST_F(OutboxAloneTest, AQuietStreamFindsRoomAtTheCostOfTheOneThatHasMost) {
  start_alone({with_capacity(1'000'000), with_capacity(1'000'000)}, 20'000);
  push_some(0, 2'000);
  EXPECT_GT(discarded(Discarded::kQueueFull, 0), 0U);
  EXPECT_TRUE(push(1, false, 1).empty() || discarded(Discarded::kQueueFull, 1) == 0);
  EXPECT_EQ(sent(1), range(1, 2));
  EXPECT_LE(outbox_->memory_used(), 20'000U);
  const auto newest = sent(0);
  ASSERT_FALSE(newest.empty());
  EXPECT_EQ(newest.back(), 1'999);
}

TEST_F(OutboxAloneTest, MemoryIsBoundedWhateverTheNumberOfStreams) {
  const std::vector<config::Stream> streams(200, with_capacity(1'000'000));
  start_alone(streams, std::size_t{1} << 20);
  for (int y = 0; y < 200; ++y) {
    for (std::size_t stream = 0; stream < streams.size(); ++stream) {
      const std::string text = "{\"y\":" + std::string(100, '1') + "}\n";
      outbox_->push(stream, Line{text, 5, 100}, Arrival{kStart});
    }
    outbox_->end_message();
    ASSERT_LE(outbox_->memory_used(), std::size_t{1} << 20);
  }
  for (std::size_t stream = 0; stream < streams.size(); ++stream) {
    EXPECT_GE(outbox_->statuses()[stream].queued, 10U) << "each has some";
  }
}

TEST_F(OutboxAloneTest, ALineThatIsTooLargeIsDropped) {
  start_alone({{}});
  const std::string text(std::size_t{2} << 20, 'x');
  outbox_->push(0, Line{text}, Arrival{kStart});
  EXPECT_EQ(outbox_->end_message(), (Losses{{0, Discarded::kTooLarge}}));
  EXPECT_EQ(discarded(Discarded::kTooLarge), 1U);
}

// A publisher must not speak to the endpoint in the bridge's name.
TEST_F(OutboxAloneTest, ALineThatLooksLikeAControlLineIsNone) {
  start_alone({{}});
  const std::string text = "{\"stream\":{\"seq\":7,\"void\":true}}\n";
  outbox_->push(0, Line{text}, Arrival{kStart});
  outbox_->end_message();
  const auto filled = fill();
  EXPECT_EQ(std::string(room_.data(), filled.bytes), " " + text);
}

TEST_F(OutboxAloneTest, TheEndpointIsToldWhichOffsetIsNextWhereItIsNotTheNextOne) {
  start_alone({with_capacity(2)});
  push_some(0, 2);
  stream::WireOffset offset(0);
  StreamOutbox::Limits limits;
  limits.position = &offset;
  auto filled = outbox_->fill(0, room_, kStart, limits, in_flight_);
  EXPECT_EQ(std::string(room_.data(), filled.bytes), text_of(0) + text_of(1));
  push_some(2, 6);  // 2 and 3 go
  filled = outbox_->fill(0, room_, kStart, limits, in_flight_);
  EXPECT_EQ(std::string(room_.data(), filled.bytes),
            "{\"stream\":{\"seq\":4,\"void\":true}}\n" + text_of(4) + text_of(5))
      << "2 and 3 never come";
  // A connection later 0 and 1 are left, and 0 goes for a new one.
  lose_connection();
  outbox_->arrived(0, std::vector<OffsetRange>{{4, 6}}, kStart);
  push(6);
  stream::WireOffset next(6);
  limits.position = &next;
  filled = outbox_->fill(0, room_, kStart, limits, in_flight_);
  EXPECT_EQ(std::string(room_.data(), filled.bytes),
            "{\"stream\":{\"seq\":1}}\n" + text_of(1) + "{\"stream\":{\"seq\":6,\"void\":true}}\n" +
                text_of(6));
}

TEST_F(OutboxAloneTest, OffsetsThatTheEndpointLacksAndThatNeverComeAreVoid) {
  start_alone({with_capacity(1)});
  push_some(0, 4);  // 3 is left
  stream::WireOffset offset(3);
  offset.void_from(0);
  StreamOutbox::Limits limits;
  limits.position = &offset;
  const auto filled = outbox_->fill(0, room_, kStart, limits, in_flight_);
  EXPECT_EQ(std::string(room_.data(), filled.bytes),
            "{\"stream\":{\"seq\":0}}\n{\"stream\":{\"seq\":3,\"void\":true}}\n" + text_of(3));
}

// A stream that blocks.

TEST_F(OutboxAloneTest, AStreamThatBlocksDropsNothingAndPausesTheBroker) {
  start_alone({with_capacity(3, config::WhenFull::kBlock)});
  push_some(0, 3);
  EXPECT_FALSE(outbox_->wants_pause());
  push_some(3, 5);
  EXPECT_TRUE(outbox_->wants_pause());
  EXPECT_EQ(told_of_pressure_, 1);
  EXPECT_EQ(fill().lines, 5U);
  outbox_->look_for_room();
  EXPECT_FALSE(outbox_->wants_pause());
  EXPECT_EQ(discarded(Discarded::kQueueFull), 0U);
}

TEST_F(OutboxAloneTest, MemoryThatIsFullPausesTheBrokerToo) {
  start_alone({with_capacity(1'000'000, config::WhenFull::kBlock)}, 4'000);
  for (int y = 0; y < 300; ++y) {
    const std::string text = text_of(y);
    outbox_->push(0, Line{text, 5, 1}, Arrival{kStart});
  }
  EXPECT_TRUE(outbox_->end_message().empty()) << "nothing is dropped";
  EXPECT_TRUE(outbox_->wants_pause());
  outbox_->look_for_room();
  EXPECT_TRUE(outbox_->wants_pause());
  EXPECT_EQ(sent(), range(0, 300));
  outbox_->look_for_room();
  EXPECT_FALSE(outbox_->wants_pause());
}

// Found by reading: streams that drop their oldest lines kept memory above three quarters, and the
// broker stayed disconnected for ever.
TEST_F(OutboxAloneTest, APauseEndsAlthoughOtherStreamsKeepMemoryFull) {
  start_alone({with_capacity(3, config::WhenFull::kBlock), with_capacity(1'000'000)}, 20'000);
  for (int y = 0; y < 2'000; ++y) push(y, false, 1);
  push_some(0, 5);
  ASSERT_TRUE(outbox_->wants_pause());
  EXPECT_GT(outbox_->memory_used(), 15'000U);
  EXPECT_EQ(sent(0), range(0, 5));
  outbox_->look_for_room();
  EXPECT_FALSE(outbox_->wants_pause());
}

// Found by reading: the wait was one for each line, so that a message of 1,000 rows held the
// callback for 50 s.
TEST_F(OutboxAloneTest, AMessageWaitsForRoomOnceAndNotForEachLine) {
  start_alone({with_capacity(1, config::WhenFull::kBlock)});
  push_some(0, 2);
  ASSERT_TRUE(outbox_->wants_pause());
  for (int y = 0; y < 1'000; ++y) {
    const std::string text = text_of(y);
    outbox_->push(0, Line{text, 5, 1}, Arrival{kStart});
  }
  const auto begun = std::chrono::steady_clock::now();
  outbox_->end_message();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s) << "1,000 waits are 50 s";
}

}  // namespace
}  // namespace plotbridge::app
