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
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::disk {

using queue::DroppedLines;
using queue::StoredLine;
using AppendResult = queue::LineStore::AppendResult;
using NewLine = queue::LineStore::NewLine;
using Offsets = std::vector<std::uint64_t>;
using Ranges = std::vector<OffsetRange>;

inline constexpr WallTime kNoon{std::chrono::seconds(1'795'000'000)};

inline std::string text_of(std::uint64_t offset, std::size_t size = 0) {
  std::string text = "{\"y\":" + std::to_string(offset) + "}";
  if (text.size() + 1 < size) text.insert(text.size() - 1, size - 1 - text.size(), ' ');
  return text + '\n';
}

/// A disk that counts what is written to it.
class CountingFiles : public SpoolFiles {
 public:
  ssize_t pwrite(int file, const char* bytes, std::size_t size, off_t at) override {
    ++writes;
    return SpoolFiles::pwrite(file, bytes, size, at);
  }
  int writes = 0;
};

/// By offset: lines of `stream` from offset `from` on.
inline std::map<std::uint64_t, std::string> lines_of(SegmentStore& store, std::size_t stream,
                                                     std::uint64_t from = 0) {
  std::map<std::uint64_t, std::string> lines;
  std::uint64_t least = from;
  const auto read = store.read(stream, from, [&](const StoredLine& line) {
    EXPECT_GE(line.offset, least) << "lines come by offset";
    least = line.offset + 1;
    lines.emplace(line.offset, line.bytes);
    return true;
  });
  EXPECT_TRUE(read) << read.error().message;
  return lines;
}

inline Offsets offsets_of(SegmentStore& store, std::size_t stream, std::uint64_t from = 0) {
  Offsets offsets;
  for (const auto& [offset, line] : lines_of(store, stream, from)) offsets.push_back(offset);
  return offsets;
}

inline std::uint64_t count_of(const std::vector<DroppedLines>& all) {
  std::uint64_t lines = 0;
  for (const DroppedLines& dropped : all) {
    for (const OffsetRange& offsets : dropped.offsets) lines += offsets.size();
  }
  return lines;
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

  AppendResult append(const NewLine& line) {
    const auto appended = store->append({&line, 1});
    EXPECT_EQ(appended.lines, appended.rest == AppendResult::kYes ? 1U : 0U);
    return appended.rest;
  }
  AppendResult append(std::size_t stream, std::uint64_t offset, WallTime received = kNoon) {
    return append({stream, offset, text_of(offset), received});
  }
  AppendResult append(std::size_t stream, std::uint64_t offset, std::string_view text) {
    return append({stream, offset, text, kNoon});
  }
  /// One by one.
  void append_all(std::size_t stream, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t offset = from; offset < to; ++offset) {
      ASSERT_EQ(append(stream, offset), AppendResult::kYes) << offset;
    }
  }
  /// The lines that it would have to give.
  std::uint64_t lines_left(std::size_t stream) const {
    const auto recovered = store->recovered(stream);
    return recovered.end - recovered.resolved.size();
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
