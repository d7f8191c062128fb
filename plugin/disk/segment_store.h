// The spool: lines of all streams in files that only grow, deleted as a whole when nothing in them
// is wanted any more (docs/spool.md). Survives kill -9, and with `power` a power cut. A disk that
// fails costs the promise, never the program: it says so in the log and tries again. Not
// responsible for: what is in memory, and what to do when there is no room (outbox). Threads: as
// queue::LineStore says.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/base/result.h"
#include "plugin/base/time.h"
#include "plugin/disk/spool_clock.h"
#include "plugin/disk/spool_files.h"
#include "plugin/disk/spool_identity.h"
#include "plugin/disk/spool_lock.h"
#include "plugin/disk/spool_reader.h"
#include "plugin/disk/spool_table.h"
#include "plugin/disk/spool_writer.h"
#include "plugin/queue/line_store.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace plotbridge::disk {

struct SpoolOptions {
  std::string directory;
  std::size_t capacity = std::size_t{256} << 20;  // bytes of all segments
  Duration max_age = std::chrono::hours(24);
  bool power = false;                // what must last survives a power cut, one fsync a message
  std::vector<std::string> streams;  // their names, by number
  Duration pause = std::chrono::seconds(1);  // before a disk that failed is tried again
};

class SegmentStore : public queue::LineStore {
 public:
  /// Makes the directory when there is none. kBusy: another process has it; kInvalid: it is of
  /// another version, and nothing in it was changed; kUnavailable: it cannot be read or locked.
  /// `files` outlives the store.
  static Result<std::unique_ptr<SegmentStore>> open(SpoolOptions options,
                                                    SpoolFiles& files = SpoolFiles::real());
  SegmentStore(const SegmentStore&) = delete;
  SegmentStore& operator=(const SegmentStore&) = delete;

  /// Who this spool is to an endpoint: a UUID, the same at each start,
  const std::string& producer() const { return identity_.producer; }
  /// and a number that is greater at each start.
  std::uint32_t epoch() const { return identity_.epoch; }
  /// Whether the endpoint acknowledges lines, as this run or an earlier one was told. Any thread.
  bool endpoint_acknowledges() const { return endpoint_acknowledges_; }
  /// It is written down with the next `on_clock_tick` or `flush`. Any thread.
  void note_endpoint_acknowledges(bool does) { endpoint_acknowledges_ = does; }

  queue::Recovered recovered(std::size_t stream) const override { return recovered_[stream]; }
  Appended append(std::span<const NewLine> lines) override;
  bool reserve(std::size_t stream, std::uint64_t end) override;
  bool sync() override;
  std::vector<queue::DroppedLines> drop_oldest() override;
  void on_clock_tick(const Moment& now) override;
  std::vector<queue::DroppedLines> expire(WallTime now) override;
  bool may_try() override;
  void retry() override;
  void resolve(std::size_t stream, OffsetRange offsets) override;
  void flush(bool last = false) override;
  Result<void> read(std::size_t stream, std::uint64_t from,
                    const std::function<bool(const queue::StoredLine&)>& take) override;
  Gauges gauges(WallTime now) const override;

 private:
  SegmentStore(SpoolFiles& files, const SpoolOptions& options, SpoolLock lock);
  Result<void> recover(const SpoolOptions& options);
  void tell_of_reading(std::size_t stream, const Result<void>& read, std::uint64_t damaged);
  bool can_hold(const NewLine& line) const;
  bool make_room();
  void save_identity_if_changed();

  SpoolFiles& files_;
  std::string directory_;
  bool power_;
  SpoolLock lock_;
  Duration max_age_;
  SpoolIdentity identity_;  // but for who it is: with `writing_`
  std::atomic<bool> endpoint_acknowledges_ = false;
  SpoolClock clock_;
  SpoolTable table_;
  std::vector<queue::Recovered> recovered_;
  std::uint64_t damaged_ = 0;       // found at the start
  std::uint64_t most_payload_ = 0;  // a longer line finds no room in an empty spool, either
  std::mutex writing_;              // held while a file is written; taken before the table's lock
  std::unique_ptr<SpoolWriter> writer_;
  std::mutex reading_;  // the reader and all below; taken before the table's lock
  SpoolReader reader_;
  std::unordered_set<std::size_t> unread_;  // streams whose lines the disk did not give just now
  std::atomic<bool> is_unread_ = false;     // any of them
  RateLimit complaints_{std::chrono::minutes(1)};  // of the thread that reads
  RateLimit expiries_{std::chrono::minutes(1)};    // of the one that lets lines expire
};

}  // namespace plotbridge::disk
