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
  return scan_file(files, file(), scan_, [this](const SpoolRecord& record, std::uint64_t position) {
    if (record.type != RecordType::kLine) return;
    Lines& lines = lines_[record.stream_key];
    const bool in_order = lines.sorted == lines.entries.size() &&
                          (lines.sorted == 0 || lines.entries.back().offset < record.id);
    lines.entries.push_back({record.id, position});
    if (in_order) ++lines.sorted;
  });
}

const std::vector<SegmentIndex::Entry>& SegmentIndex::lines(std::uint64_t stream_key) {
  static const std::vector<Entry> kNone;
  const auto found = lines_.find(stream_key);
  if (found == lines_.end()) return kNone;
  auto& [entries, sorted] = found->second;
  if (sorted == entries.size()) return entries;
  const auto by_offset = [](const Entry& a, const Entry& b) { return a.offset < b.offset; };
  const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::stable_sort(middle, entries.end(), by_offset);
  std::inplace_merge(entries.begin(), middle, entries.end(), by_offset);
  std::size_t kept = 0;
  for (const Entry& entry : entries) {
    if (kept > 0 && entries[kept - 1].offset == entry.offset) --kept;
    entries[kept++] = entry;
  }
  entries.resize(kept);
  sorted = kept;
  return entries;
}

}  // namespace plotbridge::disk
