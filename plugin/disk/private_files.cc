#include "plugin/disk/private_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace plotbridge::disk {
namespace {

constexpr mode_t kOwnerAlone = S_IRUSR | S_IWUSR;

}  // namespace

int open_private(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kOwnerAlone);
  if (file < 0 || (flags & O_CREAT) == 0) return file;
  // Of an older version, or made under a umask that leaves the owner nothing. A disk that is
  // read-only keeps the mode it has.
  struct stat status {};
  if (::fstat(file, &status) == 0 &&
      (status.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) != kOwnerAlone) {
    [[maybe_unused]] const int changed = ::fchmod(file, kOwnerAlone);
  }
  return file;
}

std::error_code make_private_directories(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (path.empty() || fs::is_directory(path, error)) return {};
  const fs::path directory(path);
  const fs::path named = directory.has_filename() ? directory : directory.parent_path();
  const fs::path parent = named.parent_path();
  if (parent != named) {
    if (const auto failed = make_private_directories(parent.string())) return failed;
  }
  if (::mkdir(named.c_str(), S_IRWXU) == 0) {
    // The umask may have left the owner less.
    if (::chmod(named.c_str(), S_IRWXU) == 0) return {};
  } else if (errno == EEXIST && fs::is_directory(named, error)) {
    return {};
  }
  return {errno, std::generic_category()};
}

bool is_open_to_all(const std::string& directory) {
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0;
}

}  // namespace plotbridge::disk
