#include "plugin/config/file.h"

#include "plugin/base/secret_rights.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>

namespace plotbridge::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> cannot_read(const std::string& path, const std::string& why) {
  return fail(ErrorKind::kUnavailable, "cannot read " + path + ": " + why);
}

tl::unexpected<Error> cannot_read(const std::string& path) {
  return cannot_read(path, std::system_category().message(errno));
}

std::optional<FileRights> look(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileRights{status.st_mode, status.st_uid, status.st_gid};
}

/// Why the open file must not hold a secret; empty: it may.
std::string flaw_in(const std::string& path, const struct stat& status) {
  auto flaw =
      flaw_in_secret_file(path, {status.st_mode, status.st_uid, status.st_gid}, ::geteuid());
  if (!flaw.empty()) return flaw;
  // Where it lies, behind all links: Kubernetes mounts secrets as links to links.
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? flaw_in_directories_above(real.get(), look) : std::string();
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes, FileKind kind) {
  // Without O_NONBLOCK opening a pipe would wait for its other end.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return cannot_read(path);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return cannot_read(path);
  if (S_ISDIR(status.st_mode)) return cannot_read(path, "it is a directory");
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a regular file");
  if (kind == FileKind::kSecret) {
    if (auto flaw = flaw_in(path, status); !flaw.empty()) {
      return fail(ErrorKind::kRefused, std::move(flaw));
    }
  }
  // A byte more than it should have; a file that grows meanwhile is read to its new end.
  const std::size_t most = max_bytes + 1;
  std::string text(std::min(most, static_cast<std::size_t>(status.st_size) + 1), '\0');
  std::size_t size = 0;
  while (size < most) {
    if (size == text.size()) text.resize(std::min(most, 2 * size));
    const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > max_bytes) {
    return cannot_read(path, "it is larger than " + std::to_string(max_bytes) + " bytes");
  }
  text.resize(size);
  return text;
}

std::string flaw_in_rights_of(const std::string& path) {
  const auto rights = look(path);
  if (!rights || flaw_in_secret_file(path, *rights, ::geteuid()).empty()) return {};
  return "this file holds secrets, and others may read or change it (mode " +
         mode_text(rights->mode) + ", uid " + std::to_string(rights->owner) + "): chmod 640 " +
         path +
         " and let it belong to root or to the user of plotbridge, or name files: {file: PATH}";
}

std::string resolve(const std::string& folder, const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(std::filesystem::path(folder) / path, error);
  return error ? path : absolute.lexically_normal().string();
}

}  // namespace plotbridge::config
