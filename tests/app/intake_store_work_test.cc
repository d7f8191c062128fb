// Concern: whoever sends never waits for the store: what it has to give or to write first is done
// by another thread, and the stream goes on when that is done.
#include "tests/app/intake_spool_fixture.h"

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

  Kept append(std::size_t stream, const NewLine& line) override {
    pass();
    const std::lock_guard lock(access_);
    return MemoryStore::append(stream, line);
  }
  bool sync() override {
    pass();
    const std::lock_guard lock(access_);
    return MemoryStore::sync();
  }
  void number(std::size_t stream, queue::Numbering numbering) override {
    pass();
    const std::lock_guard lock(access_);
    MemoryStore::number(stream, numbering);
  }
  Result<void> read(std::size_t stream, std::uint64_t from_id,
                    const std::function<bool(const queue::StoredLine&)>& take) override {
    pass();
    const std::lock_guard lock(access_);
    return MemoryStore::read(stream, from_id, take);
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

class IntakeStoreWorkTest : public IntakeSpoolTest {
 protected:
  void start_working(test::MemoryStore& store) {
    config::Stream stream;
    stream.name = "boiler";
    stream.queue_capacity = 4;
    streams_ = {stream};
    store_ = &store;
    IntakeOptions options;
    options.memory = std::size_t{1} << 20;
    options.store = &store;
    options.store_capacity = std::size_t{1} << 20;
    options.on_store_work = [this] { ++asked_; };
    intake_.emplace(streams_, options);
  }
  Intake::Filled fill(bool numbered = false) {
    std::size_t offset = 0;
    return intake_->fill(0, room_, offset, kStart, Intake::kNoLimit, numbered);
  }
  /// All that goes, the work being done whenever it is asked for.
  std::size_t send_all(bool numbered = false) {
    std::size_t lines = 0;
    while (true) {
      const auto filled = fill(numbered);
      intake_->release(0, filled.lines);
      lines += filled.lines;
      if (filled.waits) {
        EXPECT_TRUE(intake_->do_store_work(kStart));
      } else if (filled.bytes == 0) {
        return lines;
      }
    }
  }

  int asked_ = 0;
  std::array<char, 4096> room_;
};

TEST_F(IntakeStoreWorkTest, LinesOnDiskAloneComeByAnotherThread) {
  test::MemoryStore store(1);
  start_working(store);
  for (int i = 0; i < 10; ++i) push(i);
  EXPECT_EQ(fill().lines, 4u);
  intake_->release(0, 4);
  const auto waits = fill();
  EXPECT_EQ(waits.bytes, 0u);
  EXPECT_TRUE(waits.waits);
  EXPECT_EQ(waits.next, kNever);
  EXPECT_EQ(asked_, 1);
  EXPECT_TRUE(fill().waits);
  EXPECT_EQ(asked_, 1) << "once is enough";
  std::vector<std::size_t> dirty;
  intake_->take_dirty(dirty);
  EXPECT_TRUE(intake_->do_store_work(kStart));
  intake_->take_dirty(dirty);
  EXPECT_EQ(dirty, std::vector<std::size_t>{0}) << "it can go on";
  EXPECT_EQ(send_all(), 6u);
  EXPECT_FALSE(intake_->do_store_work(kStart));
}

TEST_F(IntakeStoreWorkTest, NumbersAreInTheStoreBeforeTheirLinesGo) {
  test::MemoryStore store(1);
  start_working(store);
  for (int i = 0; i < 3; ++i) push(i);
  const auto filled = fill(true);
  EXPECT_EQ(filled.bytes, 0u);
  EXPECT_TRUE(filled.waits);
  EXPECT_TRUE(store.recovered(0).numberings.empty());
  intake_->do_store_work(kStart);
  EXPECT_EQ(store.recovered(0).numberings.size(), 1u);
  EXPECT_EQ(send_all(true), 3u);
}

TEST_F(IntakeStoreWorkTest, DiskThatStallsHoldsUpNobodyWhoSends) {
  StalledStore store(1);
  start_working(store);
  for (int i = 0; i < 10; ++i) push(i);
  store.stall();
  std::thread pipeline([&] {
    push(10);
    intake_->end_message();
  });
  store.wait_for_guest();
  EXPECT_EQ(fill().lines, 4u) << "while the pipeline waits";
  intake_->release(0, 4);
  EXPECT_TRUE(fill().waits);
  std::thread worker([&] { intake_->do_store_work(kStart); });
  EXPECT_EQ(fill().bytes, 0u) << "and while the worker does";
  EXPECT_EQ(intake_->statuses()[0].name, "boiler");
  store.go_on();
  pipeline.join();
  worker.join();
  EXPECT_EQ(send_all(), 7u);
}

TEST_F(IntakeStoreWorkTest, WhatWasDroppedMeanwhileIsNotFetched) {
  StalledStore store(1);
  start_working(store);
  for (int i = 0; i < 10; ++i) push(i);
  EXPECT_EQ(fill().lines, 4u);
  intake_->release(0, 4);
  EXPECT_TRUE(fill().waits);
  store.stall();
  std::thread worker([&] { intake_->do_store_work(kStart); });
  store.wait_for_guest();
  // The connection ends and comes back while the disk gives the lines.
  intake_->send_again(0, [](std::uint64_t, std::size_t) { return false; });
  intake_->came_back(0);
  store.go_on();
  worker.join();
  EXPECT_EQ(send_all(), 6u);
  EXPECT_EQ(discarded(Discarded::kSpoolFailed), 0u);
}

}  // namespace
}  // namespace plotbridge::app
