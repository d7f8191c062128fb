// Concern: what the peer's TCP has acknowledged is told in chunks, never too much, and once all is
// acknowledged not too little.
#include "plugin/http/wire_positions.h"

#include <gtest/gtest.h>

#include <random>

namespace plotbridge::http {
namespace {

TEST(WirePositions, WithoutTlsEachByteIsItself) {
  WirePositions positions;
  positions.start(100, true);
  EXPECT_EQ(positions.chunk_bytes(50), 0);
  positions.handed_out(10);
  EXPECT_FALSE(positions.wants_position());
  EXPECT_EQ(positions.chunk_bytes(104), 4);
  EXPECT_EQ(positions.chunk_bytes(110), 10);
  EXPECT_EQ(positions.chunk_bytes(117), 10) << "what ends the body is no chunk";
}

TEST(WirePositions, UnderTlsAChunkCountsWithItsLastRecord) {
  WirePositions positions;
  positions.start(1000, false);
  EXPECT_FALSE(positions.wants_position());
  positions.handed_out(10);
  EXPECT_TRUE(positions.wants_position());
  EXPECT_EQ(positions.chunk_bytes(5000), 0) << "nobody knows yet where it ends";
  positions.written(1032);
  EXPECT_FALSE(positions.wants_position());
  positions.handed_out(20);
  positions.written(1074);
  EXPECT_EQ(positions.chunk_bytes(1031), 0);
  EXPECT_EQ(positions.chunk_bytes(1032), 10);
  EXPECT_EQ(positions.chunk_bytes(1073), 10);
  EXPECT_EQ(positions.chunk_bytes(1074), 30);
  EXPECT_EQ(positions.chunk_bytes(1040), 30) << "what is acknowledged stays so";
}

TEST(WirePositions, ANewConnectionForgetsTheOldOne) {
  WirePositions positions;
  positions.start(0, false);
  positions.handed_out(10);
  positions.written(32);
  positions.start(0, false);
  EXPECT_EQ(positions.chunk_bytes(1000), 0);
}

TEST(WirePositions, AreBoundedAndThenOnlyCoarser) {
  std::mt19937_64 random(7);
  WirePositions positions;
  positions.start(0, false);
  std::int64_t chunks = 0, wire = 0, acknowledged = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto size = std::uniform_int_distribution<std::int64_t>(6, 60)(random);
    positions.handed_out(static_cast<std::size_t>(size));
    chunks += size;
    wire += size + 22;
    positions.written(wire);
    // Long stalls, then much at once.
    if (random() % 5000 == 0) {
      acknowledged = std::uniform_int_distribution<std::int64_t>(acknowledged, wire)(random);
    }
    ASSERT_LE(positions.chunk_bytes(acknowledged), acknowledged);
  }
  EXPECT_LE(positions.marks(), 2048U);
  EXPECT_EQ(positions.chunk_bytes(wire), chunks);
  EXPECT_EQ(positions.marks(), 0U);
}

}  // namespace
}  // namespace plotbridge::http
