// Preloaded into the program under test: while the file that PLOTBRIDGE_STALL names is there, every
// write, fsync and read of a file of the spool waits, as on a disk that stalls; and each fsync is
// written down in the file that PLOTBRIDGE_SYNCS names. Any thread.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

template <class Function>
Function next_of(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_of_spool(int file) {
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  return std::strstr(path, ".spool") != nullptr || std::strstr(path, "quarantine") != nullptr;
}

void wait_for_disk(int file) {
  const char* const stall = std::getenv("PLOTBRIDGE_STALL");
  if (stall == nullptr || access(stall, F_OK) != 0 || !is_of_spool(file)) return;
  while (access(stall, F_OK) == 0) usleep(1000);
}

void note_sync() {
  const char* const path = std::getenv("PLOTBRIDGE_SYNCS");
  if (path == nullptr) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t wrote = write(file, "s", 1);
  close(file);
}

}  // namespace

extern "C" {

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  static const auto next = next_of<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  wait_for_disk(file);
  return next(file, bytes, size, at);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return pwrite64(file, bytes, size, at);
}
ssize_t pread64(int file, void* bytes, size_t size, off64_t at) {
  static const auto next = next_of<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
  wait_for_disk(file);
  return next(file, bytes, size, at);
}
ssize_t pread(int file, void* bytes, size_t size, off_t at) {
  return pread64(file, bytes, size, at);
}
int fdatasync(int file) {
  static const auto next = next_of<int (*)(int)>("fdatasync");
  wait_for_disk(file);
  note_sync();
  return next(file);
}
int fsync(int file) {
  static const auto next = next_of<int (*)(int)>("fsync");
  wait_for_disk(file);
  note_sync();
  return next(file);
}

}  // extern "C"
