#include "plugin/disk/state_file.h"

#include "plugin/base/log.h"
#include "plugin/disk/private_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace plotbridge::disk {
namespace {

// The first bytes of every database. A power cut may leave zeros in their place.
constexpr std::array<char, 16> kDatabase{'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f',
                                         'o', 'r', 'm', 'a', 't', ' ', '3', '\0'};
constexpr std::array<char, 16> kZeros{};

// Where the header of a database has its application's number, and three bytes that each has.
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kApplicationAt = 68;
constexpr std::size_t kFixedAt = 21;
constexpr std::array<char, 3> kFixed{64, 32, 32};

// Empty, or our database, or what was one. Anything else is somebody's file, named by mistake. What
// SQLite opens it may change, so that this is found out before.
bool may_be_state(int file, const struct stat& about) {
  if (!S_ISREG(about.st_mode)) return false;
  if (about.st_size == 0) return true;
  std::array<char, kHeaderBytes> header{};
  const auto bytes = ::pread(file, header.data(), header.size(), 0);
  const auto begins = [&](std::size_t at, const auto& with) {
    return std::equal(with.begin(), with.end(), header.begin() + at);
  };
  if (bytes < static_cast<ssize_t>(kDatabase.size())) return false;
  if (begins(0, kZeros)) return true;
  if (!begins(0, kDatabase)) return false;
  std::uint64_t application = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    application = application << 8 | static_cast<unsigned char>(header[kApplicationAt + i]);
  }
  // Every database has these bytes: one without them is what damage left of ours.
  const bool is_damaged = !begins(kFixedAt, kFixed);
  return application == kStateApplication || is_damaged;
}

// `act` is told of each file that SQLite puts beside the state, by its descriptor.
template <class Act>
Result<void> each_neighbour(const std::string& path, Act act) {
  for (const char* ending : {"-wal", "-shm", "-journal"}) {
    const OpenFile beside(open_private(path + ending, O_RDONLY | O_NONBLOCK));
    struct stat about {};
    if (!beside.is_open() && errno == ELOOP) {
      return fail(ErrorKind::kInvalid, path + ending + " is a symbolic link: remove it");
    }
    if (!beside.is_open()) continue;
    if (::fstat(beside.get(), &about) != 0 || !S_ISREG(about.st_mode)) {
      return fail(ErrorKind::kInvalid, path + ending + " is not a regular file: remove it");
    }
    act(beside.get());
  }
  return {};
}

tl::unexpected<Error> cannot_open(const std::string& path, int system_error) {
  return fail(kind_of_disk_error(system_error),
              "cannot open the state " + path + ": " + std::strerror(system_error) +
                  "; server.state names a file in a directory that this user may write to");
}

}  // namespace

ErrorKind kind_of_disk_error(int system_error) {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EROFS:
    case EIO:
      return ErrorKind::kDiskFails;
    default:
      return ErrorKind::kUnavailable;
  }
}

Result<OpenFile> claim_state_file(const std::string& path) {
  const auto directory =
      make_private_directories(std::filesystem::path(path).parent_path().string());
  // Not yet open_private: a file that is none of ours keeps its mode.
  const int file =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (file < 0 && errno == ELOOP) {
    return fail(ErrorKind::kInvalid,
                "the state " + path + " is a symbolic link: name the file itself");
  }
  if (file < 0) return cannot_open(path, directory ? directory.value() : errno);
  OpenFile opened(file);
  struct stat about {};
  if (::fstat(file, &about) != 0 || !may_be_state(file, about)) {
    return fail(ErrorKind::kInvalid, path + " is not a state file: name another");
  }
  if (about.st_nlink > 1) {
    return fail(ErrorKind::kInvalid,
                "the state " + path +
                    " has another name (it is a hard link), by which somebody may read or change "
                    "it: copy it, or name a file of its own");
  }
  if (about.st_uid != ::geteuid()) {
    return fail(ErrorKind::kInvalid, "the state " + path + " belongs to another user (uid " +
                                         std::to_string(about.st_uid) +
                                         "): chown it to the user of plotbridge (uid " +
                                         std::to_string(::geteuid()) + "), or name another file");
  }
  // SQLite's own locks may refuse each of two that start at once.
  if (::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return in_use(path);
  if (const auto good = each_neighbour(path, [](int) {}); !good) {
    return tl::make_unexpected(good.error());
  }
  return opened;
}

tl::unexpected<Error> in_use(const std::string& path) {
  return fail(ErrorKind::kBusy, "the state " + path + " is in use by another process");
}

// By its name: closing a descriptor of the state would end SQLite's locks.
Result<void> make_state_private(const std::string& path) {
  ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
  return each_neighbour(path, [](int file) { ::fchmod(file, S_IRUSR | S_IWUSR); });
}

bool sync_directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const int directory =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool synced = ::fsync(directory) == 0;
  const int why = errno;
  ::close(directory);
  errno = why;
  return synced;
}

std::string behind_links(const std::string& path) {
  const std::filesystem::path file(path);
  const auto parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  std::error_code error;
  const auto directory = std::filesystem::canonical(parent, error);
  return error ? path : (directory / file.filename()).string();
}

Result<void> put_state_aside(const std::string& path) {
  if (const auto made = make_state_private(path); !made) return made;
  std::error_code error;
  std::string aside;
  int number = 1;
  do {
    aside = path + ".damaged-" + std::to_string(number++);
  } while (std::filesystem::exists(aside, error));
  std::filesystem::rename(path, aside, error);
  if (error) {
    return fail(kind_of_disk_error(error.value()), "the state " + path +
                                                       " is damaged, and cannot be renamed to " +
                                                       aside + ": " + error.message());
  }
  for (const char* ending : {"-wal", "-shm", "-journal"}) {
    std::filesystem::rename(path + ending, aside + ending, error);
  }
  log::error("the state is damaged and put aside; plots begin anew",
             {{"file", path},
              {"aside", aside},
              {"hint", "sqlite3 FILE .recover saves what can be read, if it is worth it"}});
  return {};
}

}  // namespace plotbridge::disk
