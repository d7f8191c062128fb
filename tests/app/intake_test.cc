// Concern: what the sampler decides is done to the queue, and counted.
#include "plugin/app/intake.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

class IntakeTest : public testing::Test {
 protected:
  // One stream of 20 lines a second, fed with all values at once.
  void feed(config::WhenFaster when_faster, const std::vector<std::string>& values) {
    config::Stream stream;
    stream.name = "boiler";
    stream.max_rate = 20;
    stream.when_faster = when_faster;
    streams_ = {stream};
    intake_.emplace(streams_, IntakeOptions{std::size_t{1} << 20});
    for (const std::string& y : values) {
      const std::string text = "{\"y\":" + y + "}\n";
      EXPECT_FALSE(intake_->push(0, Line{text, 5, y.size()}, Arrival{kStart}));
    }
  }
  // Everything that goes, each line when its time has come.
  std::string sent() {
    std::string text;
    std::array<char, 100> room;
    std::size_t offset = 0;
    for (TimePoint now = kStart; intake_->statuses()[0].queued > 0; now += 50ms) {
      const auto filled = intake_->fill(0, room, offset, now);
      text.append(room.data(), filled.bytes);
    }
    return text;
  }
  std::uint64_t throttled() const {
    return intake_->statuses()[0].discarded[static_cast<std::size_t>(Discarded::kThrottled)];
  }

  std::vector<config::Stream> streams_;
  std::optional<Intake> intake_;
};

TEST_F(IntakeTest, Latest) {
  feed(config::WhenFaster::kLatest, {"1", "2", "3"});
  EXPECT_EQ(throttled(), 2u);
  EXPECT_EQ(sent(), "{\"y\":3}\n");
}

TEST_F(IntakeTest, Mean) {
  feed(config::WhenFaster::kMean, {"1", "2", "4.5"});
  EXPECT_EQ(throttled(), 2u);
  EXPECT_EQ(sent(), "{\"y\":2.5}\n");
}

TEST_F(IntakeTest, MinMax) {
  feed(config::WhenFaster::kMinMax, {"2", "1", "2", "7", "6"});
  EXPECT_EQ(throttled(), 3u);
  EXPECT_EQ(sent(), "{\"y\":1}\n{\"y\":7}\n");
}

TEST_F(IntakeTest, Queue) {
  feed(config::WhenFaster::kQueue, {"2", "1", "2"});
  EXPECT_EQ(throttled(), 0u);
  EXPECT_EQ(sent(), "{\"y\":2}\n{\"y\":1}\n{\"y\":2}\n");
}

// Found as a crash: the newer line took the place of one whose first bytes were on the wire.
TEST_F(IntakeTest, LineThatIsHalfOnTheWireIsNeitherReplacedNorDropped) {
  config::Stream stream;
  stream.name = "boiler";
  stream.max_rate = 20;
  stream.queue_capacity = 1;
  streams_ = {stream};
  intake_.emplace(streams_, IntakeOptions{std::size_t{1} << 20});
  const auto push = [this](const std::string& y) {
    const std::string text = "{\"y\":" + y + "}\n";
    intake_->push(0, Line{text, 5, y.size()}, Arrival{kStart});
    return text;
  };
  const std::string first = push(std::string(300, '1'));
  std::array<char, 100> room;
  std::size_t offset = 0;
  std::string on_the_wire;
  on_the_wire.append(room.data(), intake_->fill(0, room, offset, kStart).bytes);
  EXPECT_EQ(offset, 100u);
  push("2");
  const std::string last = push("3");
  for (TimePoint now = kStart; on_the_wire.size() < first.size() + last.size(); now += 50ms) {
    ASSERT_LT(now, kStart + 10s);
    const auto filled = intake_->fill(0, room, offset, now);
    on_the_wire.append(room.data(), filled.bytes);
  }
  EXPECT_EQ(on_the_wire, first + last);
}

}  // namespace
}  // namespace plotbridge::app
