#include "plugin/endpoint/journal.h"

#include "plugin/base/scratch.h"

#include <algorithm>

namespace plotbridge::endpoint {

void Journal::count() {
  const bool first = empty();
  ++ticket_;
  if (first && tell_) tell_();
}

bool Journal::note_line(StreamId stream, std::string_view line) {
  if (!on_) return true;
  if (stream >= lines_.size()) lines_.resize(stream + std::size_t{1});
  Lines& lines = lines_[stream];
  count();
  if (lines.left_out) return true;  // its plots wait already
  if (lines.text.empty()) dirty_.push_back(stream);
  const std::size_t more = line.size() + 1;
  if (lines.text.size() + more > kMostOfStream || bytes_ + more > kMostOfAll) {
    bytes_ -= lines.text.size();
    free_memory(lines.text);
    lines.left_out = true;
    return false;
  }
  if (!lines.text.empty()) lines.text += '\n';
  lines.text += line;
  bytes_ += more;
  return true;
}

void Journal::note_file(FileId id) {
  if (!on_) return;
  count();
  if (waiting_.insert(id).second) files_.push_back({id, ticket_});
}

void Journal::take_lines(const std::function<void(StreamId, std::string_view lines)>& take) {
  for (const StreamId stream : dirty_) {
    Lines& lines = lines_[stream];
    if (!lines.text.empty()) take(stream, lines.text);
    lines = Lines();
  }
  dirty_.clear();
  bytes_ = 0;
}

std::optional<FileId> Journal::take_file() {
  if (files_.empty()) return std::nullopt;
  const FileId id = files_.front().id;
  files_.pop_front();
  waiting_.erase(id);
  unsaved_.erase(id);
  return id;
}

std::uint64_t Journal::keep_batch(std::uint64_t batch, std::size_t bytes) {
  if (bytes > 0) {
    kept_.push_back({batch, bytes});
    kept_bytes_ += bytes;
  }
  if (kept_bytes_ > kMostKept) {
    // Those with the oldest lines first, as many as free the older half.
    const std::uint64_t half = kept_[kept_.size() / 2].batch;
    for (const auto& [plot, first] : std::unordered_map(unsaved_)) {
      if (first <= half) note_file(plot);
    }
  }
  if (!files_.empty()) return 0;  // their records are older than their lines
  const std::uint64_t needed = oldest_needed(batch);
  while (!kept_.empty() && kept_.front().batch < needed) {
    kept_bytes_ -= kept_.front().bytes;
    kept_.pop_front();
  }
  return needed;
}

std::uint64_t Journal::oldest_needed(std::uint64_t batch) const {
  std::uint64_t oldest = batch + 1;
  for (const auto& [plot, first] : unsaved_) oldest = std::min(oldest, first);
  return oldest;
}

}  // namespace plotbridge::endpoint
