// One file of the spool: its name, the records that are appended to it, and reading it in blocks.
// Not responsible for: when a file is begun or ends (spool_writer). One thread at a time.
#pragma once

#include "plugin/disk/record_scan.h"
#include "plugin/disk/spool_files.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::disk {

/// "00000000000000000007.spool"
std::string segment_path(const std::string& directory, std::uint64_t number);
/// Nothing: it is the name of something else.
std::optional<std::uint64_t> segment_number(std::string_view file_name);

/// Shows `scan` the rest of the file, block by block. What the disk does not give is shown as
/// zeros; false, with errno: it gave nothing of a block.
bool scan_file(SpoolFiles& files, int file, RecordScan& scan, const RecordScan::Found& found);

/// The segment that records are appended to.
class SegmentFile {
 public:
  /// Makes the file, with its head. Not open: errno says why, and nothing was left behind.
  static SegmentFile create(SpoolFiles& files, const std::string& path, const SegmentHead& head);

  bool is_open() const { return file_.is_open(); }
  /// What it takes on disk.
  std::uint64_t bytes() const { return bytes_; }
  /// All of `records`, or nothing and errno.
  bool append(std::string_view records);
  /// Takes back what was appended behind `bytes`.
  void cut(std::uint64_t bytes);
  bool sync();
  /// Garbage stands at its end, or it may have: nothing may follow.
  bool is_spoilt() const { return spoilt_; }

 private:
  SpoolFiles* files_ = nullptr;
  OpenFile file_;
  std::uint64_t bytes_ = 0;
  bool spoilt_ = false;
};

}  // namespace plotbridge::disk
