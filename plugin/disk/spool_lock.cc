#include "plugin/disk/spool_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace plotbridge::disk {

Result<SpoolLock> SpoolLock::take(SpoolFiles& files, const std::string& directory) {
  const std::string path = directory + "/spool.lock";
  OpenFile file(files.open(path, O_RDWR | O_CREAT));
  // What a disk that takes nothing has can be sent all the same, and it may take something later.
  if (!file.is_open() && errno == EROFS) file = OpenFile(files.open(path, O_RDONLY));
  const bool opened = file.is_open();
  if (opened && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return SpoolLock(std::move(file));
  if (opened && errno == EWOULDBLOCK) {
    return fail(ErrorKind::kBusy, "the spool " + directory + " is in use by another plotbridge");
  }
  return fail(ErrorKind::kUnavailable,
              "cannot lock the spool with " + path + ": " + std::strerror(errno) +
                  "; spool.directory names a directory that this user may write to");
}

}  // namespace plotbridge::disk
