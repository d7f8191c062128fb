// What a disk does for the state of an endpoint, in memory: it has what was committed, whatever
// becomes of the endpoint. One thread.
#pragma once

#include "plugin/endpoint/saved_state.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace plotbridge::endpoint {

class MemoryDisk {
 public:
  /// One part of a transaction, which counts once all of it is there.
  void commit(const StateChanges& changes) {
    parts_.push_back(changes);
    if (!changes.whole) return;
    for (const StateChanges& part : parts_) write(part);
    parts_.clear();
  }
  void forget_unfinished() { parts_.clear(); }
  SavedState saved() const {
    SavedState saved;
    for (const auto& [id, file] : files_) saved.files.push_back(file);
    for (const auto& [batch, entries] : lines_) saved.lines.push_back({batch, entries});
    for (const auto& [key, position] : positions_) saved.positions.push_back(position);
    return saved;
  }
  std::size_t lines_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [batch, entries] : lines_) bytes += entries.size();
    return bytes;
  }

 private:
  void write(const StateChanges& changes) {
    for (const SavedFile& file : changes.files) files_[file.id] = file;
    for (const FileId id : changes.gone) files_.erase(id);
    if (!changes.entries.empty()) lines_[changes.batch] = changes.entries;
    lines_.erase(lines_.begin(), lines_.lower_bound(changes.forget_before));
    for (const auto& [token, producer] : changes.gone_positions) positions_.erase(token + producer);
    for (const SavedPosition& position : changes.positions) {
      positions_[position.key.token + position.key.producer] = position;
    }
  }

  std::vector<StateChanges> parts_;
  std::map<FileId, SavedFile> files_;
  std::map<std::string, SavedPosition> positions_;
  std::map<std::uint64_t, std::string> lines_;
};

}  // namespace plotbridge::endpoint
