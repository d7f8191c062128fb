// A spool in a directory of its own, and what tests want to know of it.
#pragma once

#include "plugin/disk/segment_store.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::disk {

using queue::Lost;
using queue::Numbering;
using queue::StoredLine;
using Kept = queue::LineStore::Kept;

inline constexpr WallTime kNoon{std::chrono::seconds(1'795'000'000)};

inline std::string text_of(std::uint64_t id, std::size_t size = 0) {
  std::string text = "{\"y\":" + std::to_string(id) + "}";
  if (text.size() + 1 < size) text.insert(text.size() - 1, size - 1 - text.size(), ' ');
  return text + '\n';
}

/// By id: lines of `stream` from `from_id` on.
inline std::map<std::uint64_t, std::string> lines_of(SegmentStore& store, std::size_t stream,
                                                     std::uint64_t from_id = 0) {
  std::map<std::uint64_t, std::string> lines;
  std::uint64_t least = from_id;
  const auto read = store.read(stream, from_id, [&](const StoredLine& line) {
    EXPECT_GE(line.id, least) << "lines come by id";
    least = line.id + 1;
    lines.emplace(line.id, line.bytes);
    return true;
  });
  EXPECT_TRUE(read) << read.error().message;
  return lines;
}

inline std::vector<std::uint64_t> ids_of(SegmentStore& store, std::size_t stream,
                                         std::uint64_t from_id = 0) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, line] : lines_of(store, stream, from_id)) ids.push_back(id);
  return ids;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// All plain files of a directory, by name.
inline std::map<std::string, std::string> contents(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    files.emplace(entry.path().filename().string(), bytes_of(entry.path()));
  }
  return files;
}

/// Thousands of restarts each replace a file, which file systems on disks wait for.
inline std::filesystem::path memory_or_disk() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
}

class SpoolFixture : public ::testing::Test {
 protected:
  SpoolFixture() {
    options.directory = folder.path("spool");
    options.capacity = std::size_t{1} << 20;
    options.streams = {"boiler", "kiln"};
  }

  std::unique_ptr<SegmentStore> open() {
    auto opened = SegmentStore::open(options, *files);
    if (!opened) ADD_FAILURE() << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  /// The end of the process, as sudden as kill -9, and the next start.
  void reopen() {
    store.reset();
    store = open();
    ASSERT_NE(store, nullptr);
  }

  Kept append(std::size_t stream, std::uint64_t id, WallTime received = kNoon) {
    return store->append(stream, {id, text_of(id), received});
  }
  void append_all(std::size_t stream, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t id = from; id < to; ++id) ASSERT_EQ(append(stream, id), Kept::kYes) << id;
  }

  /// Numbers of the segments' files.
  std::vector<std::string> segments() const {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : contents(options.directory)) {
      if (name.ends_with(".spool")) names.push_back(name);
    }
    return names;
  }
  std::uint64_t bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().extension() == ".spool") bytes += entry.file_size();
    }
    return bytes;
  }

  test::TempDir folder{memory_or_disk()};
  SpoolOptions options;
  SpoolFiles* files = &SpoolFiles::real();
  std::unique_ptr<SegmentStore> store;
};

}  // namespace plotbridge::disk
