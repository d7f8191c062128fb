#include "plugin/disk/spool_reader.h"

#include "plugin/disk/segment_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

namespace plotbridge::disk {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10;
constexpr std::size_t kSmallBlock = 4096;  // for lines that are far from each other

}  // namespace

SpoolReader::SpoolReader(SpoolFiles& files, std::string directory, const SpoolTable& table)
    : files_(files), directory_(std::move(directory)), table_(table) {}

Result<void> SpoolReader::read(std::size_t stream, std::uint64_t from, const Take& take) {
  Missing missing;
  while (const auto portion = table_.portion(stream, from)) {
    SegmentIndex* index = index_of(*portion);
    if (index == nullptr && errno == ENOENT) {
      // Dropped in this moment: the table knows by now what comes behind it.
      if (!table_.has(portion->segment)) continue;
      // Somebody has deleted it, and it will not come back; but the whole directory may.
      if (has_directory()) {
        missing.before_next += lines_in(*portion);
        from = portion->offsets.back().to;
        continue;
      }
      errno = ENOENT;
    }
    const Gave gave = index == nullptr ? Gave::kNothing
                                       : give(*index, table_.key(stream), *portion, take, missing);
    if (gave == Gave::kNothing) {
      const int why = errno;
      indexes_.clear();  // the next try opens the file anew
      return fail(ErrorKind::kUnavailable, "cannot read the spool's " +
                                               segment_path(directory_, portion->segment) + ": " +
                                               std::strerror(why));
    }
    if (gave == Gave::kEnough) {
      damaged_.fetch_add(missing.told, std::memory_order_relaxed);
      return {};
    }
    from = portion->offsets.back().to;
  }
  damaged_.fetch_add(missing.told + missing.before_next, std::memory_order_relaxed);
  return {};
}

bool SpoolReader::has_directory() {
  return OpenFile(files_.open(directory_ + "/spool.lock", O_RDONLY)).is_open();
}

SegmentIndex* SpoolReader::index_of(const SpoolTable::Portion& portion) {
  const auto known = std::ranges::find(indexes_, portion.segment, &Indexed::segment);
  if (known != indexes_.end()) {
    indexes_.splice(indexes_.begin(), indexes_, known);
  } else {
    SegmentIndex index = SegmentIndex::open(files_, segment_path(directory_, portion.segment));
    if (!index.is_open()) return nullptr;
    if (indexes_.size() == kMostIndexes) indexes_.pop_back();
    indexes_.push_front({portion.segment, std::move(index)});
  }
  SegmentIndex& index = indexes_.front().index;
  return index.catch_up(files_, portion.bytes) ? &index : nullptr;
}

std::uint64_t SpoolReader::lines_in(const SpoolTable::Portion& portion) {
  std::uint64_t lines = 0;
  for (const OffsetRange& offsets : portion.offsets) lines += offsets.size();
  return lines;
}

SpoolReader::Gave SpoolReader::give(SegmentIndex& index, std::uint64_t key,
                                    const SpoolTable::Portion& portion, const Take& take,
                                    Missing& missing) {
  block_.clear();
  const auto& lines = index.lines(key);
  for (const auto& [from, to] : portion.offsets) {
    std::uint64_t next = from;
    auto line = std::ranges::lower_bound(lines, from, {}, &SegmentIndex::Entry::offset);
    for (; line != lines.end() && line->offset < to; ++line) {
      std::string_view bytes;
      if (!fetch(index, line->position, bytes)) return Gave::kNothing;
      const auto record = parse_record(bytes);
      if (!record || record->stream_key != key || record->id != line->offset) continue;
      if (record->id > next) missing.before_next += record->id - next;
      next = record->id + 1;
      if (!take({record->id, record->payload, to_wall_time(record->value)})) {
        return Gave::kEnough;
      }
      missing.told += std::exchange(missing.before_next, 0);
    }
    missing.before_next += to - std::min(next, to);
  }
  return Gave::kAll;
}

bool SpoolReader::fetch(const SegmentIndex& index, std::uint64_t position,
                        std::string_view& record) {
  std::size_t wanted = kRecordHeadBytes;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const bool has = position >= block_at_ && position - block_at_ + wanted <= block_.size();
    if (has) {
      record = std::string_view(block_).substr(position - block_at_);
      if (record.starts_with(kRecordMark)) wanted = record_bytes(record);
      if (wanted <= record.size()) return true;
    }
    const bool is_next = position >= block_at_ && position <= block_at_ + block_.size();
    block_.resize(std::max(is_next ? kBlock : kSmallBlock, wanted));
    block_at_ = position;
    const ssize_t got =
        files_.pread(index.file(), block_.data(), block_.size(), static_cast<off_t>(position));
    if (got < 0) {
      const int why = errno;
      block_.clear();
      errno = why;
      return false;
    }
    block_.resize(static_cast<std::size_t>(got));
  }
  record = {};
  return true;
}

void SpoolReader::forget_dropped() {
  indexes_.remove_if([this](const Indexed& indexed) { return !table_.has(indexed.segment); });
}

}  // namespace plotbridge::disk
