// Concern: exactly the lines that are whole at the other side's TCP count as arrived.
#include "plugin/stream/in_flight.h"

#include "plugin/stream/transport.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

TEST(InFlight, ChunkCountsWhenItsLastByteIsAcknowledged) {
  InFlight flight;
  flight.sent(20, 2);
  flight.sent(10, 1);
  EXPECT_EQ(flight.acknowledged(19), 0u);
  EXPECT_EQ(flight.acknowledged(20), 2u);
  EXPECT_EQ(flight.acknowledged(29), 0u);
  EXPECT_EQ(flight.acknowledged(30), 1u);
  EXPECT_TRUE(flight.empty());
}

TEST(InFlight, LineInPiecesCountsWithItsLastPiece) {
  InFlight flight;
  flight.sent(100, 0);
  flight.sent(50, 1);
  EXPECT_EQ(flight.acknowledged(100), 0u);
  EXPECT_EQ(flight.acknowledged(150), 1u);
}

TEST(InFlight, NewConnectionStartsAtNothing) {
  InFlight flight;
  flight.sent(100, 1);
  flight.clear();
  flight.sent(10, 1);
  EXPECT_EQ(flight.acknowledged(10), 1u);
}

TEST(Transport, WireSizeOfAChunkIsItsFraming) {
  EXPECT_EQ(chunk_wire_size(1), std::string_view("1\r\n\n\r\n").size());
  EXPECT_EQ(chunk_wire_size(15), 15u + 5);
  EXPECT_EQ(chunk_wire_size(16), 16u + 6);
  EXPECT_EQ(chunk_wire_size(65524), 65524u + 8);
}

}  // namespace
}  // namespace plotbridge::stream
