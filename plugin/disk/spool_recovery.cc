#include "plugin/disk/spool_recovery.h"

#include "plugin/disk/segment_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

namespace plotbridge::disk {
namespace {

namespace fs = std::filesystem;

/// Numbers of plain files with a segment's name, growing.
Result<std::vector<std::uint64_t>> segments_in(const std::string& directory) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code unknown;
    if (entry->symlink_status(unknown).type() != fs::file_type::regular) continue;
    if (const auto number = segment_number(entry->path().filename().string())) {
      numbers.push_back(*number);
    }
  }
  if (error) {
    return fail(ErrorKind::kUnavailable,
                "cannot read the spool's directory " + directory + ": " + error.message());
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<OpenFile> open_segment(SpoolFiles& files, const std::string& path) {
  OpenFile file(files.open(path, O_RDONLY));
  if (file.is_open()) return file;
  return fail(ErrorKind::kUnavailable,
              "cannot open the spool's " + path + ": " + std::strerror(errno));
}

std::optional<SegmentHead> head_of(SpoolFiles& files, const OpenFile& file) {
  char head[kSegmentHeadBytes];
  const ssize_t got = files.pread(file.get(), head, sizeof head, 0);
  if (got < 0) return std::nullopt;
  return parse_segment_head(std::string_view(head, static_cast<std::size_t>(got)));
}

Result<void> recover_segment(SpoolFiles& files, const std::string& path, std::uint64_t number,
                             SpoolTable& table, SpoolRecovery& recovery) {
  const auto file = open_segment(files, path);
  if (!file) return tl::make_unexpected(file.error());
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) status.st_size = 0;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  table.add_segment(number, size);
  if (size == 0) return {};  // ended before its head was written
  const bool has_head = head_of(files, *file).has_value();
  RecordScan scan(has_head ? kSegmentHeadBytes : 0, size, !has_head);
  scan_file(files, file->get(), scan,
            [&](const SpoolRecord& record, auto) { table.apply(record, number); });
  recovery.damaged += scan.damaged() + (has_head ? 0 : 1);
  return {};
}

}  // namespace

Result<void> check_segment_versions(SpoolFiles& files, const std::string& directory) {
  const auto numbers = segments_in(directory);
  if (!numbers) return tl::make_unexpected(numbers.error());
  for (const std::uint64_t number : *numbers) {
    const std::string path = segment_path(directory, number);
    const auto file = open_segment(files, path);
    if (!file) return tl::make_unexpected(file.error());
    const auto head = head_of(files, *file);
    if (!head || head->version == kSpoolVersion) continue;
    const std::string has = path + " has version " + std::to_string(head->version);
    if (head->version > kSpoolVersion) {
      return fail(ErrorKind::kInvalid, "the spool " + directory + " is of a newer plotbridge (" +
                                           has +
                                           "): run that one, or name another spool.directory");
    }
    return fail(ErrorKind::kInvalid, "the spool " + directory +
                                         " has the format of an unreleased plotbridge (" + has +
                                         "; this one reads " + std::to_string(kSpoolVersion) +
                                         "): empty the directory, or name another spool.directory");
  }
  return {};
}

Result<SpoolRecovery> recover_spool(SpoolFiles& files, const std::string& directory,
                                    SpoolTable& table) {
  SpoolRecovery recovery;
  const auto numbers = segments_in(directory);
  if (!numbers) return tl::make_unexpected(numbers.error());
  for (const std::uint64_t number : *numbers) {
    const std::string path = segment_path(directory, number);
    if (const auto done = recover_segment(files, path, number, table, recovery); !done) {
      return tl::make_unexpected(done.error());
    }
    recovery.next_segment = number + 1;
  }
  return recovery;
}

}  // namespace plotbridge::disk
