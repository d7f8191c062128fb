// The end of the spool that is written: which segment takes a record, when the next one begins, and
// what must be written once more before one is deleted. Not responsible for: when lines are
// dropped, and locking. One thread (or lock) at a time.
#pragma once

#include "plugin/disk/disk_health.h"
#include "plugin/disk/segment_file.h"
#include "plugin/disk/spool_table.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::disk {

class SpoolWriter {
 public:
  struct Limits {
    std::uint64_t capacity = 0;
    std::uint64_t reserve = 0;  // of it, what lines leave to other records
    std::uint64_t segment_bytes = 0;
    std::uint64_t segment_age_ms = 0;
    bool power = false;  // what was written survives a power cut
    Duration pause{0};   // before a disk that failed is tried again
  };
  SpoolWriter(SpoolFiles& files, std::string directory, Limits limits, SpoolTable& table,
              std::uint64_t next_segment);

  /// Lines that wait for `sync` are in memory, too; so many bytes of them, and it comes by itself.
  static constexpr std::size_t kMaxUnsynced = std::size_t{4} << 20;

  enum class WriteResult { kYes, kNoRoom, kFailed };
  struct Written {
    std::size_t lines = 0;                 // the first of them; they are in the table
    WriteResult rest = WriteResult::kYes;  // why not those behind
  };
  /// One write for all that fit into a segment. With `power` lines that must last do so from the
  /// next `sync` on.
  Written write(std::span<const SpoolLine> lines);
  /// Offsets before `end` count as given; with `power` this lasts at once.
  WriteResult reserve(std::size_t stream, std::uint64_t end);
  /// Waits for the disk, if a line does that must last. False: it failed. Whatever it had taken
  /// since the last time may be lost then although a later attempt succeeds, so that these lines
  /// are written to a new segment before anything else is.
  bool sync();
  /// Tries that again, if it is due.
  void retry_sync();
  std::uint64_t failed_syncs() const { return failed_syncs_.load(std::memory_order_relaxed); }
  /// Deletes the segment, after what others need of it was written again; if that fails and it is
  /// not a `must`, not. Nothing: it is still there.
  std::optional<std::vector<queue::DroppedLines>> drop(std::uint64_t segment, bool must);
  /// What was resolved and is not written down yet.
  void write_resolved();
  void write_owed();

  /// False while a disk that has failed is left alone.
  bool may_try() const { return health_.may_try(); }
  void retry() { health_.retry(); }

  std::optional<std::uint64_t> active() const;
  bool is_degraded() const { return health_.is_degraded(); }

 private:
  std::size_t fitting(std::span<const SpoolLine> lines) const;
  WriteResult write_together(std::span<const SpoolLine> lines);
  WriteResult append(std::string_view records, std::uint64_t limit, std::uint64_t received_ms);
  WriteResult begin_segment();
  bool sync_or_cut(std::uint64_t cut_to);
  WriteResult rewrite_unsynced();
  void remember(std::span<const SpoolLine> lines);
  void forget_unsynced();
  bool is_used_up(std::size_t more, std::uint64_t received_ms) const;
  void close_if_spoilt();

  SpoolFiles& files_;
  std::string directory_;
  Limits limits_;
  SpoolTable& table_;
  DiskHealth health_;
  std::uint64_t next_segment_;
  std::optional<SegmentFile> active_;
  std::uint64_t active_number_ = 0;
  std::uint64_t active_since_ms_ = 0;  // its first line; 0: none yet
  bool resolved_unsynced_ = false;     // it has records of that since its last sync
  std::string scratch_;
  // Records of lines since the last successful sync, from the first that must last on: in the
  // active segment, or, once `must_rewrite_`, in one that is closed.
  std::string unsynced_;
  bool must_rewrite_ = false;
  std::atomic<std::uint64_t> failed_syncs_ = 0;
};

}  // namespace plotbridge::disk
