// Concern: whoever sends never waits for the store: another thread gets lines from it, and the
// stream goes on when they are there.
#include "tests/app/outbox_fixture.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace plotbridge::app {
namespace {

/// Of a disk that stalls until it is let go.
class StalledStore : public test::MemoryStore {
 public:
  using MemoryStore::MemoryStore;

  void stall() { set(true); }
  void go_on() { set(false); }
  void wait_for_guest() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return guests_ > 0; });
  }

  Appended append(std::span<const NewLine> lines) override {
    pass();
    const std::lock_guard lock(access_);
    return MemoryStore::append(lines);
  }
  bool sync() override {
    pass();
    const std::lock_guard lock(access_);
    return MemoryStore::sync();
  }
  void resolve(std::size_t stream, OffsetRange offsets) override {
    const std::lock_guard lock(access_);
    MemoryStore::resolve(stream, offsets);
  }
  Result<void> read(std::size_t stream, std::uint64_t from,
                    const std::function<bool(const queue::StoredLine&)>& take) override {
    pass();
    const std::lock_guard lock(access_);
    return MemoryStore::read(stream, from, take);
  }

 private:
  void set(bool stalled) {
    const std::lock_guard lock(mutex_);
    stalled_ = stalled;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++guests_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !stalled_; });
    --guests_;
  }

  std::mutex access_;  // to what the base has
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stalled_ = false;
  int guests_ = 0;
};

class OutboxStoreWorkTest : public OutboxTest {
 protected:
  /// Ten lines are on disk alone, and the disk stalls while another thread gets them. That thread.
  std::thread begin_stalled_fetch(StalledStore& store) {
    start(store, {}, kRoomForNothing);
    push_some(0, 10);
    EXPECT_TRUE(fill().waits);
    store.stall();
    std::thread worker([this] { outbox_->do_store_work(kStart); });
    store.wait_for_guest();
    return worker;
  }
  /// All that goes, the work being done whenever it is asked for.
  std::uint64_t send_all() {
    std::uint64_t lines = 0;
    for (;;) {
      const auto filled = fill();
      lines += filled.lines;
      arrive();
      if (filled.bytes > 0) continue;
      if (!filled.waits) return lines;
      EXPECT_TRUE(outbox_->do_store_work(kStart));
    }
  }
};

TEST_F(OutboxStoreWorkTest, LinesOnDiskAloneComeByAnotherThread) {
  test::MemoryStore store(1);
  start(store, {}, kRoomForNothing);
  push_some(0, 10);
  const auto waits = fill();
  EXPECT_EQ(waits.bytes, 0U);
  EXPECT_TRUE(waits.waits);
  EXPECT_EQ(waits.next, kNever);
  EXPECT_EQ(asked_to_work_, 1);
  EXPECT_TRUE(fill().waits);
  EXPECT_EQ(asked_to_work_, 1) << "once is enough";
  std::vector<std::size_t> dirty;
  outbox_->take_dirty(dirty);
  EXPECT_TRUE(outbox_->do_store_work(kStart));
  outbox_->take_dirty(dirty);
  EXPECT_EQ(dirty, std::vector<std::size_t>{0}) << "it can go on";
  EXPECT_EQ(send_all(), 10U);
  EXPECT_FALSE(outbox_->do_store_work(kStart));
}

TEST_F(OutboxStoreWorkTest, ADiskThatStallsHoldsUpNobodyWhoSends) {
  StalledStore store(1);
  start(store);
  push_some(0, 4);
  store.stall();
  std::thread pipeline([&] { push(4); });
  store.wait_for_guest();
  EXPECT_EQ(fill().lines, 5U) << "while the pipeline waits, also what it waits for";
  EXPECT_EQ(outbox_->statuses()[0].name, "stream0");
  store.go_on();
  pipeline.join();
  arrive();
  EXPECT_EQ(store.lines(), 0U);
}

TEST_F(OutboxStoreWorkTest, NorDoesOneThatStallsWhileItGivesLines) {
  StalledStore store(1);
  std::thread worker = begin_stalled_fetch(store);
  EXPECT_EQ(fill().bytes, 0U);
  // The connection ends and comes back meanwhile.
  outbox_->connection_ended(0);
  outbox_->on_reconnected(0);
  store.go_on();
  worker.join();
  EXPECT_EQ(send_all(), 10U);
  EXPECT_EQ(discarded(Discarded::kSpoolFailed), 0U);
}

TEST_F(OutboxStoreWorkTest, WhatArrivedMeanwhileIsNotSentAgain) {
  StalledStore store(1);
  std::thread worker = begin_stalled_fetch(store);
  outbox_->acknowledged(0, std::vector<OffsetRange>{{0, 6}}, true, kStart);
  store.go_on();
  worker.join();
  EXPECT_EQ(send_all(), 4U);
}

TEST_F(OutboxStoreWorkTest, ALineThatTheEndpointRefusesIsTakenOutWhereverItIs) {
  test::MemoryStore store(1);
  start(store, {}, kRoomForNothing);
  push_some(0, 3);
  EXPECT_EQ(outbox_->take_out(0, 1), std::nullopt) << "the store is asked for it";
  EXPECT_FALSE(outbox_->is_resolved(0, 1));
  EXPECT_TRUE(outbox_->do_store_work(kStart));
  EXPECT_EQ(outbox_->take_out(0, 1), text_of(1));
  EXPECT_TRUE(outbox_->is_resolved(0, 1));
  EXPECT_EQ(send_all(), 2U);
}

// Found by an attack: the stream waited for ever, and the store was asked without end.
TEST_F(OutboxStoreWorkTest, ALineThatThereIsNotCannotBeRefused) {
  test::MemoryStore store(1);
  start(store);
  push_some(0, 3);
  EXPECT_EQ(outbox_->take_out(0, 5'000), std::nullopt);
  EXPECT_TRUE(outbox_->is_resolved(0, 5'000));
  EXPECT_EQ(asked_to_work_, 0);
}

// Found by simulation: what was fetched was given up in the place of what memory alone has.
TEST_F(OutboxStoreWorkTest, WhatWasFetchedIsNotGivenUpForWantOfMemory) {
  test::MemoryStore store(1);
  start(store, {}, kRoomForNothing);
  push_some(0, 10);
  EXPECT_TRUE(fill().waits);
  EXPECT_TRUE(outbox_->do_store_work(kStart));
  push_some(10, 12);
  EXPECT_EQ(discarded(Discarded::kSpoolFailed), 0U);
  EXPECT_EQ(send_all(), 12U);
}

}  // namespace
}  // namespace plotbridge::app
