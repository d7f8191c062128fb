#include "plugin/config/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
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

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes, Readers readers) {
  // Without O_NONBLOCK opening a pipe would wait for its other end.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return cannot_read(path);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return cannot_read(path);
  if (S_ISDIR(status.st_mode)) return cannot_read(path, "it is a directory");
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a regular file");
  if (readers == Readers::kNotOthers && (status.st_mode & S_IROTH) != 0) {
    return fail(ErrorKind::kRefused,
                path + " is a secret that every user of this machine may read: chmod 600 " + path);
  }
  std::string text(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
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

std::string resolve(const std::string& folder, const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(std::filesystem::path(folder) / path, error);
  return error ? path : absolute.lexically_normal().string();
}

}  // namespace plotbridge::config
