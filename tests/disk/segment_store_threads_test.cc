// Concern: lines come, go and are read at the same time, and each of them is read or told as lost.
// ThreadSanitizer looks on.
#include "tests/disk/spool_fixture.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace plotbridge::disk {
namespace {

class SegmentStoreThreadsTest : public SpoolFixture {};

TEST_F(SegmentStoreThreadsTest, one_appends_while_another_reads_and_releases) {
  constexpr std::uint64_t kLines = 20'000;
  options.capacity = 256 << 10;
  store = open();
  std::atomic<std::uint64_t> lost = 0;
  std::atomic<std::uint64_t> appended = 0;
  std::atomic<bool> done = false;
  std::thread gauges([&] {
    while (!done) {
      const auto now = store->gauges(kNoon);
      EXPECT_LE(now.bytes, options.capacity);
      EXPECT_EQ(store->recovered(0).lines, 0U);
    }
  });
  std::thread appender([&] {
    for (std::uint64_t id = 0; id < kLines; ++id) {
      while (append(0, id) == Kept::kNoRoom) {
        for (const Lost& one : store->give_up_oldest()) lost += one.lines;
      }
      if (id % 100 == 0) store->number(0, {id, id});
      appended = id + 1;
    }
  });
  std::uint64_t read_lines = 0;
  std::uint64_t next = 0;
  while (next < kLines) {
    const std::uint64_t before = next;
    const auto read = store->read(0, next, [&](const StoredLine& line) {
      EXPECT_GE(line.id, next);
      EXPECT_EQ(line.bytes, text_of(line.id));
      next = line.id + 1;
      ++read_lines;
      return read_lines % 500 != 0;
    });
    ASSERT_TRUE(read) << read.error().message;
    store->release(0, before, next);
    store->flush();
    if (next == before && appended == kLines && ids_of(*store, 0, next).empty()) break;
  }
  appender.join();
  done = true;
  gauges.join();
  // What was given up while it was being read is told as lost, too.
  EXPECT_GE(read_lines + lost, kLines);
  EXPECT_EQ(lines_of(*store, 0).size(), 0U);
}

TEST_F(SegmentStoreThreadsTest, stalled_write_holds_neither_release_nor_flush_nor_read_up) {
  class StallingFiles : public SpoolFiles {
   public:
    ssize_t pwrite(int file, const char* bytes, std::size_t size, off_t at) override {
      std::unique_lock lock(mutex);
      if (stalls) {
        stalled = true;
        changed.notify_all();
        changed.wait(lock, [this] { return !stalls; });
      }
      return SpoolFiles::pwrite(file, bytes, size, at);
    }
    std::mutex mutex;
    std::condition_variable changed;
    bool stalls = false;
    bool stalled = false;
  } stalling;
  files = &stalling;
  store = open();
  append_all(0, 0, 3);
  stalling.stalls = true;
  std::thread appender([&] { EXPECT_EQ(append(0, 3), Kept::kYes); });
  {
    std::unique_lock lock(stalling.mutex);
    stalling.changed.wait(lock, [&] { return stalling.stalled; });
  }
  store->release(0, 0, 1);
  store->flush();
  EXPECT_EQ(ids_of(*store, 0), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_GT(store->gauges(kNoon).bytes, 0U);
  {
    const std::lock_guard lock(stalling.mutex);
    stalling.stalls = false;
    stalling.changed.notify_all();
  }
  appender.join();
  store->flush();
  reopen();
  EXPECT_EQ(ids_of(*store, 0), (std::vector<std::uint64_t>{1, 2, 3}))
      << "what was released meanwhile was written by the next flush";
}

}  // namespace
}  // namespace plotbridge::disk
