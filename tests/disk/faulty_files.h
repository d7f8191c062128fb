// The file operations of a spool on a disk that fails: the n-th of them, all that make files
// larger, or the power, with which everything goes that was not synced. Any thread.
#pragma once

#include "plugin/disk/spool_files.h"

#include <fcntl.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace plotbridge::disk {

class FaultyFiles : public SpoolFiles {
 public:
  static constexpr int kNever = std::numeric_limits<int>::max();

  int operations = 0;
  int fail_at = kNever;     // the first operation that fails
  int fail_every = kNever;  // and each so many later
  int why = EIO;
  bool syncs_fail = false;
  int syncs = 0;              // of files
  bool is_full = false;       // writes stop in the middle
  bool is_read_only = false;  // a file system that was mounted so

  int open(const std::string& path, int flags) override {
    if (fails() || refuses((flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0)) return -1;
    const bool is_new = !std::filesystem::exists(path);
    const int file = SpoolFiles::open(path, flags);
    if (file < 0) return file;
    const std::lock_guard lock(mutex_);
    open_[file] = path;
    if (is_new) {
      unsynced_names_[path] = true;
      torn_.erase(path);
      synced_.erase(path);
    }
    return file;
  }
  ssize_t pread(int file, char* bytes, std::size_t size, off_t at) override {
    return fails() ? -1 : SpoolFiles::pread(file, bytes, size, at);
  }
  ssize_t pwrite(int file, const char* bytes, std::size_t size, off_t at) override {
    if (is_full || fails()) {
      // Half of it is there, as when the last block is used up.
      errno = is_full ? ENOSPC : errno;
      const int now = errno;
      const ssize_t half = size > 1 ? SpoolFiles::pwrite(file, bytes, size / 2, at) : 0;
      errno = now;
      return half > 0 && now == ENOSPC ? half : -1;
    }
    return SpoolFiles::pwrite(file, bytes, size, at);
  }
  int fdatasync(int file) override {
    const bool failed = fails() || syncs_fail;
    const std::lock_guard lock(mutex_);
    ++syncs;
    const std::string& path = open_[file];
    std::error_code error;
    if (failed) {
      // The kernel forgets what it could not write, and the next one succeeds without it.
      torn_.insert(path);
      errno = why;
      return -1;
    }
    if (torn_.contains(path)) return 0;
    synced_[path] = std::filesystem::file_size(path, error);
    return 0;
  }
  int ftruncate(int file, off_t size) override {
    return fails() ? -1 : SpoolFiles::ftruncate(file, size);
  }
  int unlink(const std::string& path) override {
    return fails() || refuses(true) ? -1 : SpoolFiles::unlink(path);
  }
  int rename(const std::string& from, const std::string& to) override {
    return fails() || refuses(true) ? -1 : SpoolFiles::rename(from, to);
  }
  int sync_directory(const std::string&) override {
    if (fails()) return -1;
    const std::lock_guard lock(mutex_);
    unsynced_names_.clear();
    return 0;
  }

  /// What is left of the segments in `directory` when the power comes back.
  void cut_power(const std::string& directory) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      const std::string path = entry.path().string();
      if (!path.ends_with(".spool")) continue;
      if (unsynced_names_.contains(path)) {
        std::filesystem::remove(path);
      } else {
        std::filesystem::resize_file(path, synced_[path]);
      }
    }
  }

 private:
  bool refuses(bool writes) const {
    if (is_read_only && writes) errno = EROFS;
    return is_read_only && writes;
  }
  bool fails() {
    const std::lock_guard lock(mutex_);
    const int now = operations++;
    if (now < fail_at || (now - fail_at) % fail_every != 0) return false;
    errno = why;
    return true;
  }

  std::mutex mutex_;
  std::map<int, std::string> open_;
  std::map<std::string, std::uintmax_t> synced_;
  std::set<std::string> torn_;  // what was not synced of them is lost with the power
  std::map<std::string, bool> unsynced_names_;
};

}  // namespace plotbridge::disk
