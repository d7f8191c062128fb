#include "plugin/disk/segment_index.h"

#include "plugin/disk/segment_file.h"

#include <fcntl.h>

#include <algorithm>

namespace plotbridge::disk {

SegmentIndex SegmentIndex::open(SpoolFiles& files, const std::string& path) {
  SegmentIndex index;
  index.file_ = OpenFile(files.open(path, O_RDONLY));
  if (!index.is_open()) return index;
  char head[kSegmentHeadBytes];
  const ssize_t got = files.pread(index.file(), head, sizeof head, 0);
  const bool has_head =
      got == sizeof head && parse_segment_head(std::string_view(head, sizeof head)).has_value();
  index.scan_ = RecordScan(has_head ? kSegmentHeadBytes : 0, 0, !has_head);
  return index;
}

bool SegmentIndex::catch_up(SpoolFiles& files, std::uint64_t bytes) {
  if (bytes > scan_.end()) scan_.set_end(bytes);
  return scan_file(files, file(), scan_, [this](const SpoolRecord& record, std::uint64_t offset) {
    add(record, offset);
  });
}

void SegmentIndex::add(const SpoolRecord& record, std::uint64_t offset) {
  if (record.type != RecordType::kLine && record.type != RecordType::kReplacingLine) return;
  std::vector<Entry>& lines = lines_[record.stream_key];
  const auto behind = std::ranges::lower_bound(lines, record.id, {}, &Entry::id);
  if (behind != lines.end() && behind->id == record.id) {
    behind->offset = offset;
  } else {
    lines.insert(behind, {record.id, offset});
  }
}

const std::vector<SegmentIndex::Entry>& SegmentIndex::lines(std::uint64_t stream_key) const {
  static const std::vector<Entry> kNone;
  const auto found = lines_.find(stream_key);
  return found == lines_.end() ? kNone : found->second;
}

}  // namespace plotbridge::disk
