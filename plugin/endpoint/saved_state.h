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
  std::string record;         // JSON; empty: it is gone, and its number is not given again
};

struct SavedLines {
  std::uint64_t batch = 0;
  std::string entries;  // line_batch.h
};

/// A stream, by its token, and one who numbers the lines that he sends there.
struct PositionKey {
  std::string token;
  std::string producer;
};

/// Of a position.
inline constexpr std::size_t kMostSavedRanges = 2'048;

struct SavedPosition {
  PositionKey key;
  std::uint32_t epoch = 0;
  std::string have;  // the offsets, as base/range_text.h writes them
};

/// Files and lines in order.
struct SavedState {
  std::vector<SavedFile> files;
  std::vector<SavedLines> lines;
  std::vector<SavedPosition> positions;
};

/// What is written by one transaction, all of it or nothing: everything that changed up to one
/// moment, so that positions and data are of the same. What does not fit into one of these comes in
/// several, and the transaction ends with the one that is `whole`.
struct StateChanges {
  std::uint64_t batch = 0;
  std::string entries;           // empty: no lines
  std::vector<SavedFile> files;  // new ones, and ones in place of what they were
  std::vector<FileId> gone;
  std::vector<SavedPosition> positions;     // new ones, and ones in place of what they were
  std::vector<PositionKey> gone_positions;  // before the new ones
  std::uint64_t forget_before = 0;  // batches of which every record has the lines; 0: forget none
  /// Everything up to this number of Journal::ticket is in it or was in an earlier one.
  std::uint64_t ticket = 0;
  /// False: there is more of the transaction.
  bool whole = true;

  bool empty() const {
    return entries.empty() && files.empty() && gone.empty() && positions.empty() &&
           gone_positions.empty();
  }
};

}  // namespace plotbridge::endpoint
