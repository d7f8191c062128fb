#include "plugin/disk/birth_store.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
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

Result<void> cannot(const std::string& what, const std::string& path, const std::string& why) {
  return fail(ErrorKind::kUnavailable, "cannot " + what + ' ' + path + ": " + why);
}

}  // namespace

Result<void> BirthStore::save(std::string_view topic, std::string_view payload) {
  if (payload.size() > kMostBytes) return {};
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) return cannot("make", directory_, error.message());
  const std::string path = directory_ + '/' + file_name(topic);
  const bool is_new = !fs::exists(path, error);
  if (is_new && births_ >= kMostBirths) return {};
  const std::string draft = path + ".new";
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << kMark << topic << '\n' << payload;
    file.close();
    if (!file) return cannot("write", draft, std::strerror(errno));
  }
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
    if (entry.file_size(error) > 2 * kMostBytes || error) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!text.starts_with(kMark)) continue;
    const std::size_t end = text.find('\n', kMark.size());
    if (end == std::string::npos) continue;
    births.emplace_back(text.substr(kMark.size(), end - kMark.size()), text.substr(end + 1));
  }
  births_ = births.size();
  return births;
}

}  // namespace plotbridge::disk
