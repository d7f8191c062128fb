// The spool: lines of all streams in files that only grow, deleted as a whole when nothing in them
// is wanted any more (docs/spool.md). Survives kill -9, and with `power` a power cut. A disk that
// fails costs the promise, never the program: it says so in the log and tries again. Leaves to
// others: what is in memory, and what is given up when there is no room (intake). Threads: as
// queue::LineStore says; `number` may be called from either.
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
  /// Makes the directory when there is none. kBusy: another process has it; kInvalid: it is of a
  /// newer version, and nothing in it was changed; kUnavailable: it cannot be read or locked.
  /// `files` outlives the store.
  static Result<std::unique_ptr<SegmentStore>> open(SpoolOptions options,
                                                    SpoolFiles& files = SpoolFiles::real());
  SegmentStore(const SegmentStore&) = delete;
  SegmentStore& operator=(const SegmentStore&) = delete;

  /// Who this spool is to an endpoint: a UUID, the same at each start,
  const std::string& producer() const { return identity_.producer; }
  /// and a number that is greater at each start.
  std::uint32_t epoch() const { return identity_.epoch; }

  queue::Recovered recovered(std::size_t stream) const override { return recovered_[stream]; }
  Kept append(std::size_t stream, const NewLine& line) override;
  Kept replace(std::size_t stream, const NewLine& line) override;
  bool sync() override;
  std::vector<queue::Lost> give_up_oldest() override;
  void see_clocks(const Moment& now) override;
  std::vector<queue::Lost> expire(WallTime now) override;
  void release(std::size_t stream, std::uint64_t from_id, std::uint64_t to_id) override;
  bool may_try() override;
  void retry() override;
  void number(std::size_t stream, queue::Numbering numbering) override;
  void flush(bool last = false) override;
  Result<void> read(std::size_t stream, std::uint64_t from_id,
                    const std::function<bool(const queue::StoredLine&)>& take) override;
  Gauges gauges(WallTime now) const override;

 private:
  SegmentStore(SpoolFiles& files, const SpoolOptions& options, SpoolLock lock);
  Result<void> recover(const SpoolOptions& options);
  void tell_of_reading(std::size_t stream, const Result<void>& read, std::uint64_t damaged);
  Kept keep(std::size_t stream, const NewLine& line, RecordType type);
  bool make_room();
  SpoolWriter::Wrote end_old_numbers(std::size_t stream);

  SpoolFiles& files_;
  std::string directory_;
  bool power_;
  SpoolLock lock_;
  Duration max_age_;
  SpoolIdentity identity_;
  SpoolClock clock_;
  SpoolTable table_;
  std::vector<queue::Recovered> recovered_;
  std::vector<bool> numbers_end_;  // by stream: those of earlier runs, before this run's first line
  std::uint64_t damaged_ = 0;      // found at the start
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
