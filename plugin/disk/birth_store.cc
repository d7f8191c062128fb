#include "plugin/disk/birth_store.h"

#include "plugin/disk/private_files.h"
#include "plugin/disk/spool_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace plotbridge::disk {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "plotbridge birth 1\n";
constexpr std::string_view kBirthEnding = ".birth";
// One for all, so that runs which were killed leave one at most.
constexpr std::string_view kDraft = "birth.new";

/// The hash that the file's name is made of; nothing: it is none of ours.
std::optional<std::uint64_t> hash_of_file(const fs::path& path) {
  const std::string name = path.filename().string();
  constexpr std::size_t kDigits = 16;
  std::uint64_t hash = 0;
  if (name.size() != kDigits + kBirthEnding.size() || !name.ends_with(kBirthEnding))
    return std::nullopt;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, hash, 16);
  if (error != std::errc() || end != name.data() + kDigits) return std::nullopt;
  return hash;
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
  return fail(ErrorKind::kUnavailable,
              "cannot " + what + ' ' + path + ": " + why +
                  "; make spool.directory writable, or make room on its disk");
}

}  // namespace

// FNV-1a, 64 bits: a file's name may not hold what a topic may.
std::uint64_t BirthStore::hash_of(std::string_view topic) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : topic) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return hash;
}

std::string BirthStore::path_of(std::uint64_t hash) const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return directory_ + '/' + text + std::string(kBirthEnding);
}

Result<void> BirthStore::save(std::string_view topic, std::string_view payload) {
  if (payload.size() > kMaxBytes || !may_keep(topic)) return {};
  std::error_code error = make_private_directories(directory_);
  if (error) return cannot("make", directory_, error.message());
  scan();
  const std::uint64_t hash = hash_of(topic);
  const std::string path = path_of(hash);
  const std::string draft = directory_ + '/' + std::string(kDraft);
  std::string text(kMark);
  text.append(topic).append("\n").append(payload);
  // An older birth that stays would give its names to the aliases of this one.
  if (!write_all(draft, text)) {
    const std::string why = std::strerror(errno);
    fs::remove(draft, error);
    remove(hash);
    return cannot("write", draft, why);
  }
  fs::rename(draft, path, error);
  if (error) {
    remove(hash);
    return cannot("rename", draft, error.message());
  }
  note(hash, kMark.size() + topic.size() + 1 + payload.size());
  return {};
}

bool BirthStore::remove(std::uint64_t hash) {
  std::error_code error;
  fs::remove(path_of(hash), error);
  if (error) return false;
  forget(hash);
  return true;
}

bool BirthStore::remove_if(const std::function<bool(std::uint64_t hash)>& goes) {
  bool all = scan();
  std::vector<std::uint64_t> gone;
  for (const auto& [hash, file] : files_) {
    if (goes(hash)) gone.push_back(hash);
  }
  for (const std::uint64_t hash : gone) all = remove(hash) && all;
  return all;
}

void BirthStore::note(std::uint64_t hash, std::uint64_t bytes) {
  forget(hash);
  files_[hash] = {next_order_, bytes};
  order_[next_order_++] = hash;
  bytes_ += bytes;
  while (files_.size() > limits_.births || bytes_ > limits_.bytes) {
    const std::uint64_t oldest = order_.begin()->second;
    std::error_code ignored;
    fs::remove(path_of(oldest), ignored);
    forget(oldest);
  }
}

void BirthStore::forget(std::uint64_t hash) {
  const auto known = files_.find(hash);
  if (known == files_.end()) return;
  bytes_ -= known->second.bytes;
  order_.erase(known->second.order);
  files_.erase(known);
}

bool BirthStore::scan() {
  if (scanned_) return true;
  struct Found {
    fs::file_time_type at;
    std::uint64_t hash;
    std::uint64_t bytes;
  };
  std::vector<Found> found;
  std::error_code error;
  // `increment`, because ++ throws where the directory cannot be read to its end.
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto hash = hash_of_file(entry->path());
    if (!hash) continue;
    std::error_code gone;
    const std::uint64_t bytes = entry->file_size(gone);
    if (gone) continue;
    found.push_back({entry->last_write_time(gone), *hash, bytes});
  }
  std::ranges::sort(found, {}, [](const Found& file) { return std::pair(file.at, file.hash); });
  for (const Found& file : found) note(file.hash, file.bytes);
  // What could not be read to its end is read again next time.
  scanned_ = !error || error == std::errc::no_such_file_or_directory;
  return scanned_;
}

void BirthStore::load(const Take& take) {
  scan();
  for (const auto& [order, hash] : order_) {
    const auto text = read_all(path_of(hash), 2 * kMaxBytes);
    if (!text || !text->starts_with(kMark)) continue;
    const std::size_t end = text->find('\n', kMark.size());
    if (end == std::string::npos) continue;
    take(text->substr(kMark.size(), end - kMark.size()), text->substr(end + 1));
  }
}

}  // namespace plotbridge::disk
