// Concern: a block gives back each line as it came, and takes little beside the lines' bytes.
#include "plugin/queue/line_block.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace plotbridge::queue {
namespace {

using namespace std::chrono_literals;

TEST(LineBlock, GivesEachLineBackAsItCame) {
  LineBlock block(7);
  EXPECT_TRUE(block.empty());
  block.push({"one\n", kStart, false});
  block.push({"", kStart + 1s, true});
  block.push({"three\n", kStart + 2s, false});
  EXPECT_EQ(block.first(), 7U);
  EXPECT_EQ(block.end(), 10U);
  EXPECT_TRUE(block.contains(9) && !block.contains(10) && !block.contains(6));
  EXPECT_EQ(block.at(7).bytes, "one\n");
  EXPECT_EQ(block.at(8).bytes, "");
  EXPECT_EQ(block.at(9).bytes, "three\n");
  EXPECT_EQ(block.at(9).received, kStart + 2s);
  EXPECT_TRUE(block.at(8).stored);
  EXPECT_EQ(block.unstored(), 2U);
  block.pop();
  block.mark({5, 8}, true);
  block.mark({7, 8}, true);
  EXPECT_EQ(block.unstored(), 0U);
  block.mark({7, 20}, false);
  EXPECT_EQ(block.unstored(), 2U);
  EXPECT_FALSE(block.at(8).stored);
  block.push({"four\n", kStart, true});
  block.close();
  EXPECT_EQ(block.at(9).bytes, "four\n");
}

TEST(LineBlock, TakesAtMost24BytesALineBesideItsBytesOnceItIsFull) {
  for (const std::size_t size : {10U, 40U, 300U, 20'000U}) {
    LineBlock block(0);
    std::size_t bytes = 0;
    while (!block.is_full(16'384)) {
      block.push({std::string(size, 'x'), kStart, true});
      bytes += size;
    }
    block.close();
    const std::size_t lines = block.end();
    // The block itself is shared by its lines: of long ones there are few in it.
    EXPECT_LE(block.memory(), bytes + 24 * lines + (size <= 40 ? 0 : 200)) << size;
  }
}

TEST(LineBlock, OfAQuietStreamIsSmall) {
  LineBlock block(0);
  block.push({std::string(60, 'x'), kStart, false});
  EXPECT_LE(block.memory(), 600U);
}

}  // namespace
}  // namespace plotbridge::queue
