// Concern: lines come, go and are read at the same time, and each of them is read or told as
// dropped.
// ThreadSanitizer looks on.
#include "tests/disk/spool_fixture.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace plotbridge::disk {
namespace {

class SegmentStoreThreadsTest : public SpoolFixture {};

TEST_F(SegmentStoreThreadsTest, one_appends_while_another_reads_and_resolves) {
  constexpr std::uint64_t kLines = 20'000;
  options.capacity = 256 << 10;
  store = open();
  std::atomic<std::uint64_t> dropped = 0;
  std::atomic<std::uint64_t> appended = 0;
  std::atomic<bool> done = false;
  std::thread gauges([&] {
    while (!done) {
      const auto now = store->gauges(kNoon);
      EXPECT_LE(now.bytes, options.capacity);
      EXPECT_EQ(store->recovered(0).end, 0U);
      store->note_endpoint_acknowledges(!store->endpoint_acknowledges());
    }
  });
  std::thread appender([&] {
    for (std::uint64_t offset = 0; offset < kLines; ++offset) {
      while (append(0, offset) == AppendResult::kNoRoom) dropped += count_of(store->drop_oldest());
      if (offset % 100 == 0) store->on_clock_tick({TimePoint(), kNoon});
      appended = offset + 1;
    }
  });
  std::uint64_t read_lines = 0;
  std::uint64_t next = 0;
  while (next < kLines) {
    const std::uint64_t before = next;
    const auto read = store->read(0, next, [&](const StoredLine& line) {
      EXPECT_GE(line.offset, next);
      EXPECT_EQ(line.bytes, text_of(line.offset));
      next = line.offset + 1;
      ++read_lines;
      return read_lines % 500 != 0;
    });
    ASSERT_TRUE(read) << read.error().message;
    store->resolve(0, {before, next});
    if (next % 3 == 0) {
      EXPECT_TRUE(store->reserve(1, next));
    }
    store->flush();
    if (next == before && appended == kLines && offsets_of(*store, 0, next).empty()) break;
  }
  appender.join();
  done = true;
  gauges.join();
  // What was dropped while it was being read is told as dropped, too.
  EXPECT_GE(read_lines + dropped, kLines);
  EXPECT_EQ(lines_of(*store, 0).size(), 0U);
}

TEST_F(SegmentStoreThreadsTest, what_is_resolved_while_it_is_written_is_not_wanted) {
  constexpr std::uint64_t kLines = 20'000;
  options.capacity = 4 << 20;
  store = open();
  std::atomic<std::uint64_t> next = 0;  // the line that is being appended, about
  std::thread appender([&] {
    for (; next < kLines; ++next) ASSERT_EQ(append(0, next), AppendResult::kYes);
  });
  for (std::uint64_t done = 0; done < kLines;) {
    const std::uint64_t to = std::min(next + 1, kLines);
    store->resolve(0, {done, to});
    if (done % 7 == 0) store->flush();
    done = to;
  }
  appender.join();
  EXPECT_TRUE(lines_of(*store, 0).empty());
  store->flush(true);
  for (int run = 0; run < 2; ++run) {
    reopen();
    EXPECT_EQ(store->recovered(0).end, kLines);
    EXPECT_EQ(lines_left(0), 0U);
    store->flush();
  }
}

TEST_F(SegmentStoreThreadsTest, stalled_write_holds_neither_resolve_nor_flush_nor_read_up) {
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
  std::thread appender([&] { EXPECT_EQ(append(0, 3), AppendResult::kYes); });
  {
    std::unique_lock lock(stalling.mutex);
    stalling.changed.wait(lock, [&] { return stalling.stalled; });
  }
  store->resolve(0, {0, 1});
  store->flush();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{1, 2}));
  EXPECT_GT(store->gauges(kNoon).bytes, 0U);
  {
    const std::lock_guard lock(stalling.mutex);
    stalling.stalls = false;
    stalling.changed.notify_all();
  }
  appender.join();
  store->flush();
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{1, 2, 3}))
      << "what was resolved meanwhile was written by the next flush";
}

}  // namespace
}  // namespace plotbridge::disk
