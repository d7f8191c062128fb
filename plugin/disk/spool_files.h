// The file operations of the spool, in one place so that a test can let the n-th of them fail. Each
// answers as the system call does: -1 and errno. Not responsible for: what a failure means.
// Any thread.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <utility>

namespace plotbridge::disk {

class SpoolFiles {
 public:
  virtual ~SpoolFiles() = default;

  /// Follows no link; what it makes is readable by its owner only.
  virtual int open(const std::string& path, int flags);
  virtual ssize_t pread(int file, char* bytes, std::size_t size, off_t at);
  virtual ssize_t pwrite(int file, const char* bytes, std::size_t size, off_t at);
  virtual int fdatasync(int file);
  virtual int ftruncate(int file, off_t size);
  virtual int unlink(const std::string& path);
  virtual int rename(const std::string& from, const std::string& to);
  /// Names that were made or taken away survive a power cut.
  virtual int sync_directory(const std::string& path);

  /// Those of the system.
  static SpoolFiles& real();
};

/// Owns a file descriptor.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int file) : file_(file) {}
  OpenFile(OpenFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }

  int get() const { return file_; }
  bool is_open() const { return file_ >= 0; }

 private:
  int file_ = -1;
};

}  // namespace plotbridge::disk
