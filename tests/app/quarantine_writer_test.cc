// Concern: refused lines come to the disk by a thread that may wait for it, and what waits for a
// disk that stalls is bounded.
#include "plugin/app/quarantine_writer.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace plotbridge::app {
namespace {

class QuarantineWriterTest : public ::testing::Test {
 protected:
  void put(std::string_view line) { writer.put({"boiler", "400", line, {}}); }
  std::size_t lines_on_disk() {
    std::ifstream file(folder.path("quarantine.jsonl"));
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
  }

  test::TempDir folder;
  int woken = 0;
  QuarantineWriter writer{folder.path(""), [this] { ++woken; }};
};

TEST_F(QuarantineWriterTest, LinesAreWrittenByWhoeverIsWoken) {
  put("{\"y\":1}\n");
  put("{\"y\":2}\n");
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(lines_on_disk(), 0U);
  writer.write();
  EXPECT_EQ(lines_on_disk(), 2U);
}

TEST_F(QuarantineWriterTest, StalledDiskBoundsWhatWaits) {
  const std::string line = "\"" + std::string(1 << 20, 'x') + "\"\n";
  for (int i = 0; i < 100; ++i) put(line);
  EXPECT_EQ(woken, 3) << "4 MiB, and no line more";
  writer.write();
  put("{\"y\":1}\n");
  EXPECT_EQ(woken, 4) << "there is room again";
}

}  // namespace
}  // namespace plotbridge::app
