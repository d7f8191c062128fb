// Where the lines of one segment are, found by one look at it; the file stays readable when its
// name is gone. Not responsible for: which of the lines are still wanted (spool_table). One thread
// at a time.
#pragma once

#include "plugin/disk/record_scan.h"
#include "plugin/disk/spool_files.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace plotbridge::disk {

class SegmentIndex {
 public:
  struct Entry {
    std::uint64_t offset = 0;    // of the line, along its stream
    std::uint64_t position = 0;  // in the file
  };

  /// Not open: errno says why.
  static SegmentIndex open(SpoolFiles& files, const std::string& path);
  bool is_open() const { return file_.is_open(); }
  int file() const { return file_.get(); }

  /// Looks at what was appended since; false and errno if the disk does not give it.
  bool catch_up(SpoolFiles& files, std::uint64_t bytes);
  /// A stream's lines by offset; of several with one offset the last that was written.
  const std::vector<Entry>& lines(std::uint64_t stream_key);

 private:
  /// Sorted only when somebody asks: lines that come out of order cost no more for that.
  struct Lines {
    std::vector<Entry> entries;
    std::size_t sorted = 0;  // so many of them are in order
  };

  OpenFile file_;
  RecordScan scan_;
  std::unordered_map<std::uint64_t, Lines> lines_;
};

}  // namespace plotbridge::disk
