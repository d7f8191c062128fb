// Concern: refused lines are kept where a person finds and reads them, and never fill the disk.
#include "plugin/disk/quarantine.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace plotbridge::disk {
namespace {

constexpr WallTime kAt{std::chrono::seconds(1'795'000'000)};

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Quarantine, KeepsTheLineWithItsStreamTimeAndReason) {
  test::TempDir directory;
  Quarantine quarantine(directory.path("spool/of/ours"));
  ASSERT_TRUE(quarantine.add("boiler \"1\"", "the endpoint answered 422", "{\"y\":2.50}\n", kAt));
  ASSERT_TRUE(quarantine.add("boiler", "why", "no JSON\n", kAt));
  EXPECT_EQ(read(directory.path("spool/of/ours/quarantine.jsonl")),
            "{\"at\":\"2026-11-18T11:06:40.000Z\",\"stream\":\"boiler \\\"1\\\"\",\"why\":\"the "
            "endpoint answered 422\",\"line\":{\"y\":2.50}}\n"
            "{\"at\":\"2026-11-18T11:06:40.000Z\",\"stream\":\"boiler\",\"why\":\"why\",\"line\":"
            "\"no JSON\"}\n");
}

TEST(Quarantine, TwoFilesBoundWhatItTakes) {
  test::TempDir directory;
  Quarantine quarantine(directory.path("q"), 1000);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(quarantine.add("s", "w", "{\"y\":" + std::to_string(i) + "}\n", kAt));
  }
  std::size_t bytes = 0, files = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory.path("q"))) {
    bytes += file.file_size();
    ++files;
  }
  EXPECT_EQ(files, 2u);
  EXPECT_LE(bytes, 2000u);
  EXPECT_NE(read(quarantine.path()).find("{\"y\":199}"), std::string::npos) << "the newest stay";
}

TEST(Quarantine, DirectoryThatCannotBeMadeIsAnErrorWithItsName) {
  test::TempDir directory;
  std::ofstream(directory.path("file")) << "in the way";
  Quarantine quarantine(directory.path("file/q"));
  const auto added = quarantine.add("s", "w", "{}\n", kAt);
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().message.find("file/q"), std::string::npos);
}

TEST(Quarantine, LinkInItsPlaceIsNotFollowed) {
  test::TempDir directory;
  Quarantine quarantine(directory.path("."));
  std::filesystem::create_symlink("/dev/null", quarantine.path());
  EXPECT_FALSE(quarantine.add("s", "w", "{}\n", kAt));
}

}  // namespace
}  // namespace plotbridge::disk
