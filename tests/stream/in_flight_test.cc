// Concern: exactly the lines that are whole at the other side's TCP count as arrived.
#include "plugin/stream/in_flight.h"

#include "plugin/stream/transport.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

constexpr TimePoint kNow{std::chrono::hours(1)};

std::size_t arrived(InFlight& flight, std::int64_t bytes) {
  flight.acknowledged(bytes, kNow);
  return flight.take_acknowledged();
}

TEST(InFlight, ChunkCountsWhenItsLastByteIsAcknowledged) {
  InFlight flight;
  flight.sent(20, 2);
  flight.sent(10, 1);
  EXPECT_EQ(arrived(flight, 19), 0u);
  EXPECT_EQ(arrived(flight, 20), 2u);
  EXPECT_EQ(arrived(flight, 29), 0u);
  EXPECT_EQ(arrived(flight, 30), 1u);
  EXPECT_EQ(flight.lines(), 0u);
}

TEST(InFlight, LineInPiecesCountsWithItsLastPiece) {
  InFlight flight;
  flight.sent(100, 0);
  flight.sent(50, 1);
  EXPECT_EQ(arrived(flight, 100), 0u);
  EXPECT_EQ(arrived(flight, 150), 1u);
}

TEST(InFlight, NewConnectionStartsAtNothing) {
  InFlight flight;
  flight.sent(100, 1);
  flight.clear();
  flight.sent(10, 1);
  EXPECT_EQ(arrived(flight, 10), 1u);
}

TEST(InFlight, AcknowledgedLineIsKeptAMomentForAnEndpointThatRefusesIt) {
  InFlight flight;
  flight.sent(10, 1);
  flight.acknowledged(10, kNow);
  EXPECT_EQ(flight.take_settled(kNow + std::chrono::milliseconds(999)), 0u);
  EXPECT_EQ(flight.lines(), 1u);
  EXPECT_EQ(flight.take_settled(kNow + std::chrono::seconds(1)), 1u);
}

TEST(InFlight, AtMostAFewHundredAcknowledgedLinesAreKept) {
  InFlight flight;
  for (int i = 1; i <= 1000; ++i) flight.sent(10, 1);
  flight.acknowledged(10'000, kNow);
  EXPECT_EQ(flight.take_settled(kNow), 1000u - 256);
}

TEST(InFlight, ChunkOfManyLinesIsKeptWhileItIsTheNewest) {
  InFlight flight;
  flight.sent(10'000, 1000);
  flight.acknowledged(10'000, kNow);
  EXPECT_EQ(flight.take_settled(kNow), 0u);
  flight.sent(10, 1);
  flight.acknowledged(10'010, kNow);
  EXPECT_EQ(flight.take_settled(kNow), 1000u);
}

TEST(Transport, WireSizeOfAChunkIsItsFraming) {
  EXPECT_EQ(chunk_wire_size(1), std::string_view("1\r\n\n\r\n").size());
  EXPECT_EQ(chunk_wire_size(15), 15u + 5);
  EXPECT_EQ(chunk_wire_size(16), 16u + 6);
  EXPECT_EQ(chunk_wire_size(65524), 65524u + 8);
}

}  // namespace
}  // namespace plotbridge::stream
