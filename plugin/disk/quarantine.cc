#include "plugin/disk/quarantine.h"

#include "plugin/disk/private_files.h"
#include "plugin/encode/json_writer.h"
#include "plugin/encode/time_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace plotbridge::disk {
namespace {

tl::unexpected<Error> failed(std::string_view what, const std::string& path, int error) {
  return fail(ErrorKind::kUnavailable,
              std::string(what) + " " + path + ": " + std::strerror(error));
}

std::string to_text(std::string_view stream, std::string_view why, std::string_view line,
                    WallTime at) {
  std::string text = "{\"at\":";
  encode::append_time(at, TimeFormat::kIso8601, text);
  text += ",\"stream\":";
  encode::append_json_string(stream, text);
  text += ",\"why\":";
  encode::append_json_string(why, text);
  text += ",\"line\":";
  while (line.ends_with('\n')) line.remove_suffix(1);
  if (!encode::append_compact_json(line, text)) encode::append_json_string(line, text);
  text += "}\n";
  return text;
}

}  // namespace

Quarantine::Quarantine(std::string directory, std::size_t most_bytes)
    : directory_(std::move(directory)), most_bytes_(most_bytes) {}

Result<void> Quarantine::add(std::string_view stream, std::string_view why, std::string_view line,
                             WallTime at) {
  const std::string text = to_text(stream, why, line, at);
  const std::error_code error = make_private_directories(directory_);
  if (error) return failed("cannot make", directory_, error.value());
  struct stat now {};
  if (::stat(path().c_str(), &now) == 0 && now.st_size > 0 &&
      static_cast<std::size_t>(now.st_size) + text.size() > most_bytes_) {
    const std::string old = directory_ + "/quarantine.old.jsonl";
    if (::rename(path().c_str(), old.c_str()) != 0) return failed("cannot make", old, errno);
  }
  const int fd = open_private(path(), O_WRONLY | O_CREAT | O_APPEND);
  if (fd < 0) return failed("cannot open", path(), errno);
  const ssize_t written = ::write(fd, text.data(), text.size());
  const int write_error = errno;
  // Half an object would spoil the next one, too.
  const bool whole = written == static_cast<ssize_t>(text.size());
  if (!whole && written > 0 && ::fstat(fd, &now) == 0) {
    [[maybe_unused]] const int cut = ::ftruncate(fd, now.st_size - written);
  }
  ::close(fd);
  if (!whole) {
    return failed("cannot write", path(), written < 0 ? write_error : ENOSPC);
  }
  return {};
}

}  // namespace plotbridge::disk
