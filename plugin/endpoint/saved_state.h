// What survives a restart, as it is written down: each plot and grid as one record, and the lines
// that came since, in batches. A record says up to which batch it has everything; what came later
// is applied to it again. Leaves to others: what records say (file_record.h), writing them
// (disk/plot_store). Values; any thread.
#pragma once

#include "plugin/endpoint/grid_book.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace plotbridge::endpoint {

struct SavedFile {
  FileId id = 0;
  std::uint64_t through = 0;  // the last batch whose lines it has
  std::string record;         // JSON
};

struct SavedLines {
  std::uint64_t batch = 0;
  std::string entries;  // line_batch.h
};

/// Both in order.
struct SavedState {
  std::vector<SavedFile> files;
  std::vector<SavedLines> lines;
};

/// What one transaction writes, all of it or nothing.
struct StateChanges {
  std::uint64_t batch = 0;
  std::string entries;           // empty: no lines
  std::vector<SavedFile> files;  // new ones, and ones in place of what they were
  std::vector<FileId> gone;
  std::uint64_t forget_before = 0;  // batches of which every record has the lines; 0: forget none
  /// Everything up to this number of Journal::ticket is in it or was in an earlier one.
  std::uint64_t ticket = 0;
  /// False: there is more, which did not fit.
  bool whole = true;

  bool empty() const { return entries.empty() && files.empty() && gone.empty(); }
};

}  // namespace plotbridge::endpoint
