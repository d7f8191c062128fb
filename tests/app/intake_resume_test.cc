// Concern: after a restart the bridge goes on where the endpoint is, also where damage has left
// holes among the lines of the spool, and also while messages come.
#include "plugin/app/intake.h"

#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow(100s);

class BusyStore : public test::MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  std::function<void()> before_read;

  Result<void> read(std::size_t stream, std::uint64_t from_id,
                    const std::function<bool(const queue::StoredLine&)>& take) override {
    if (const auto happens = std::exchange(before_read, nullptr)) happens();
    return MemoryStore::read(stream, from_id, take);
  }
};

class IntakeResumeTest : public testing::Test {
 protected:
  void SetUp() override {
    begin();
    for (int y = 0; y < 10; ++y) push(y);
    EXPECT_EQ(sent(), "0 1 2 3 4 5 6 7 8 9 ");
  }

  // A bridge: the first one, or the next one after kill -9.
  void begin() {
    store_.restart();
    intake_ = std::make_unique<Intake>(streams_, IntakeOptions{.store = &store_});
  }
  void push(int y) {
    const std::string text = std::to_string(y) + "\n";
    EXPECT_FALSE(intake_->push(0, Line{text}, Arrival{.at = kNow, .must_last = true}));
  }
  std::string sent() {
    std::array<char, 1000> room;
    std::size_t offset = 0;
    const auto filled = intake_->fill(0, room, offset, kNow, Intake::kNoLimit, true);
    std::string text(room.data(), filled.bytes);
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return text;
  }
  std::uint64_t failed() const {
    return intake_->statuses()[0].discarded[static_cast<std::size_t>(Discarded::kSpoolFailed)];
  }

  BusyStore store_{1};
  std::vector<config::Stream> streams_ = std::vector<config::Stream>(1);
  std::unique_ptr<Intake> intake_;
};

TEST_F(IntakeResumeTest, GoesOnWhereTheEndpointIs) {
  begin();
  intake_->go_on_at(0, 4, kNow);
  EXPECT_EQ(sent(), "4 5 6 7 8 9 ");
}

TEST_F(IntakeResumeTest, CountsNoHoleForALineThatArrived) {
  store_.damage(0, 3);
  begin();
  intake_->go_on_at(0, 9, kNow);
  EXPECT_EQ(intake_->statuses()[0].spooled, 1u);
  EXPECT_EQ(sent(), "9 ");
}

TEST_F(IntakeResumeTest, LeavesOutAHoleAmongTheLinesThatWait) {
  store_.damage(0, 7);
  begin();
  intake_->go_on_at(0, 4, kNow);
  EXPECT_EQ(sent(), "4 5 6 8 9 ");
  EXPECT_EQ(failed(), 0u);
}

// Found as a crash.
TEST_F(IntakeResumeTest, MayTakeALineWhileItCounts) {
  store_.damage(0, 3);
  begin();
  store_.before_read = [this] { push(10); };
  intake_->go_on_at(0, 5, kNow);
  push(11);
  EXPECT_EQ(intake_->statuses()[0].spooled, 7u);
  EXPECT_EQ(sent(), "5 6 7 8 9 10 11 ");
  EXPECT_EQ(failed(), 0u);
}

}  // namespace
}  // namespace plotbridge::app
