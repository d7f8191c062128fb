#include "plugin/disk/birth_store.h"

#include "plugin/disk/private_files.h"
#include "plugin/disk/spool_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace plotbridge::disk {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "plotbridge birth 1\n";
constexpr std::string_view kEnding = ".birth";

/// A file's name may not hold what a topic may (FNV-1a, 64 bits).
std::string file_name(std::string_view topic) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : topic) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return std::string(text) + std::string(kEnding);
}

/// False: errno says why.
bool write_all(const std::string& path, std::string_view text) {
  const OpenFile file(open_private(path, O_WRONLY | O_CREAT | O_TRUNC));
  if (!file.is_open()) return false;
  while (!text.empty()) {
    const ssize_t wrote = ::write(file.get(), text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

/// At most `most` bytes; nothing: a link, no file, or one that cannot be read.
std::optional<std::string> read_all(const std::string& path, std::size_t most) {
  const OpenFile file(open_private(path, O_RDONLY | O_NONBLOCK));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::size_t>(status.st_size) > most) {
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    size += static_cast<std::size_t>(got);
  }
  return text;
}

Result<void> cannot(const std::string& what, const std::string& path, const std::string& why) {
  return fail(ErrorKind::kUnavailable, "cannot " + what + ' ' + path + ": " + why);
}

}  // namespace

Result<void> BirthStore::save(std::string_view topic, std::string_view payload) {
  if (payload.size() > kMostBytes) return {};
  std::error_code error = make_private_directories(directory_);
  if (error) return cannot("make", directory_, error.message());
  const std::string path = directory_ + '/' + file_name(topic);
  const bool is_new = !fs::exists(path, error);
  if (is_new && births_ >= kMostBirths) return {};
  const std::string draft = path + ".new";
  std::string text(kMark);
  text.append(topic).append("\n").append(payload);
  if (!write_all(draft, text)) return cannot("write", draft, std::strerror(errno));
  fs::rename(draft, path, error);
  if (error) return cannot("rename", draft, error.message());
  if (is_new) ++births_;
  return {};
}

std::vector<std::pair<std::string, std::string>> BirthStore::load() {
  std::vector<std::pair<std::string, std::string>> births;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_, error)) {
    if (!entry.path().string().ends_with(kEnding) || births.size() == kMostBirths) continue;
    const auto text = read_all(entry.path().string(), 2 * kMostBytes);
    if (!text || !text->starts_with(kMark)) continue;
    const std::size_t end = text->find('\n', kMark.size());
    if (end == std::string::npos) continue;
    births.emplace_back(text->substr(kMark.size(), end - kMark.size()), text->substr(end + 1));
  }
  births_ = births.size();
  return births;
}

}  // namespace plotbridge::disk
