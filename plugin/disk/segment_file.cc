#include "plugin/disk/segment_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>

namespace plotbridge::disk {
namespace {

constexpr std::string_view kSegmentEnding = ".spool";
constexpr std::size_t kDigits = 20;
constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::size_t kSector = 4096;

struct Block {
  std::size_t bytes = 0;  // fewer than asked for at the end of the file
  int why = 0;            // errno, if the disk gave nothing of it
};

/// Zeros stand for what the disk does not give.
Block read_what_can_be(SpoolFiles& files, int file, char* bytes, std::size_t size, off_t at) {
  const ssize_t all = files.pread(file, bytes, size, at);
  if (all >= 0) return {static_cast<std::size_t>(all), 0};
  Block block{0, errno};
  while (block.bytes < size) {
    const std::size_t piece = std::min(kSector, size - block.bytes);
    char* const to = bytes + block.bytes;
    const ssize_t got = files.pread(file, to, piece, at + static_cast<off_t>(block.bytes));
    if (got == 0) break;
    if (got < 0) std::fill_n(to, piece, '\0');
    if (got > 0) block.why = 0;
    block.bytes += got < 0 ? piece : static_cast<std::size_t>(got);
  }
  return block;
}

}  // namespace

std::string segment_path(const std::string& directory, std::uint64_t number) {
  char name[kDigits + 1];
  std::snprintf(name, sizeof name, "%020llu", static_cast<unsigned long long>(number));
  return directory + '/' + name + std::string(kSegmentEnding);
}

std::optional<std::uint64_t> segment_number(std::string_view file_name) {
  if (file_name.size() != kDigits + kSegmentEnding.size() || !file_name.ends_with(kSegmentEnding))
    return {};
  std::uint64_t number = 0;
  const char* end = file_name.data() + kDigits;
  const auto [stop, error] = std::from_chars(file_name.data(), end, number);
  // Half of all numbers are room enough to count on from any of ours.
  if (error != std::errc() || stop != end || number >> 63 != 0) return {};
  return number;
}

bool scan_file(SpoolFiles& files, int file, RecordScan& scan, const RecordScan::Found& found) {
  std::string bytes;
  int why = 0;
  while (!scan.done()) {
    bytes.resize(
        std::min<std::uint64_t>(std::max(kBlock, scan.wanted()), scan.end() - scan.position()));
    const Block block = read_what_can_be(files, file, bytes.data(), bytes.size(),
                                         static_cast<off_t>(scan.position()));
    if (block.why != 0) why = block.why;
    // A read in the middle of a file may stop early; only one that gives nothing new is the end.
    if (block.bytes < scan.wanted()) {
      scan.set_end(std::min(scan.end(), scan.position() + block.bytes));
    }
    scan.look(std::string_view(bytes).substr(0, block.bytes), found);
  }
  errno = why;
  return why == 0;
}

SegmentFile SegmentFile::create(SpoolFiles& files, const std::string& path,
                                const SegmentHead& head) {
  SegmentFile made;
  OpenFile file(files.open(path, O_RDWR | O_CREAT | O_EXCL));
  if (!file.is_open()) return made;
  made.files_ = &files;
  made.file_ = std::move(file);
  std::string bytes;
  append_segment_head(head, bytes);
  if (made.append(bytes)) return made;
  const int why = errno;
  files.unlink(path);
  errno = why;
  return {};
}

bool SegmentFile::append(std::string_view records) {
  std::size_t done = 0;
  while (done < records.size()) {
    const ssize_t put = files_->pwrite(file_.get(), records.data() + done, records.size() - done,
                                       static_cast<off_t>(bytes_ + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      const int why = put < 0 ? errno : ENOSPC;
      const std::uint64_t before = bytes_;
      bytes_ += done;
      cut(before);
      errno = why;
      return false;
    }
    done += static_cast<std::size_t>(put);
  }
  bytes_ += done;
  return true;
}

void SegmentFile::cut(std::uint64_t bytes) {
  // Also when nothing was written as far as is known: what a failed write left is not.
  if (files_->ftruncate(file_.get(), static_cast<off_t>(bytes)) == 0) {
    bytes_ = bytes;
  } else {
    spoilt_ = true;
  }
}

bool SegmentFile::sync() { return files_->fdatasync(file_.get()) == 0; }

}  // namespace plotbridge::disk
