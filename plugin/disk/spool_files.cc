#include "plugin/disk/spool_files.h"

#include "plugin/disk/private_files.h"

#include <fcntl.h>

#include <cstdio>

namespace plotbridge::disk {

int SpoolFiles::open(const std::string& path, int flags) { return open_private(path, flags); }

ssize_t SpoolFiles::pread(int file, char* bytes, std::size_t size, off_t at) {
  return ::pread(file, bytes, size, at);
}

ssize_t SpoolFiles::pwrite(int file, const char* bytes, std::size_t size, off_t at) {
  return ::pwrite(file, bytes, size, at);
}

int SpoolFiles::fdatasync(int file) { return ::fdatasync(file); }

int SpoolFiles::ftruncate(int file, off_t size) { return ::ftruncate(file, size); }

int SpoolFiles::unlink(const std::string& path) { return ::unlink(path.c_str()); }

int SpoolFiles::rename(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str());
}

int SpoolFiles::sync_directory(const std::string& path) {
  const OpenFile directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.is_open() ? ::fsync(directory.get()) : -1;
}

SpoolFiles& SpoolFiles::real() {
  static SpoolFiles files;
  return files;
}

}  // namespace plotbridge::disk
