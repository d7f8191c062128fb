#include "plugin/http/private_key.h"

#include "plugin/base/secret_rights.h"
#include "plugin/http/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::optional<FileRights> rights_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileRights{status.st_mode, status.st_uid, status.st_gid};
}

auto cannot_read(const std::string& path, const std::string& why) {
  return fail(ErrorKind::kInvalid, "cannot read " + path + ": " + why);
}

}  // namespace

Result<std::string> read_private_key(const std::string& path) {
  // Without O_NONBLOCK opening a pipe would wait for its other end.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return cannot_read(path, std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return cannot_read(path, "it is not a regular file");
  auto flaw =
      flaw_in_secret_file(path, {status.st_mode, status.st_uid, status.st_gid}, ::geteuid());
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (flaw.empty() && real) flaw = flaw_in_directories_above(real.get(), rights_of);
  if (!flaw.empty()) return fail(ErrorKind::kInvalid, std::move(flaw));
  if (static_cast<std::size_t>(status.st_size) > kMaxBytes) {
    return cannot_read(path, "it is larger than 1 MiB");
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  if (got < 0) return cannot_read(path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(got));
  return text;
}

Result<void> check_private_key(const ClientTls& tls) {
  if (tls.certificate.empty()) return {};
  const auto key = read_private_key(tls.key.empty() ? tls.certificate : tls.key);
  if (!key) return tl::make_unexpected(key.error());
  return {};
}

}  // namespace plotbridge::http
