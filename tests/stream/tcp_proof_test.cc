// Concern: exactly the lines that are whole at the other side's TCP count as arrived, and not
// before an endpoint would have refused them.
#include "plugin/stream/tcp_proof.h"

#include "plugin/stream/transport.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <numeric>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;
using Ranges = ArrivalProof::Ranges;

// Behind the time within which the request itself may be refused.
const TimePoint kLater = kStart + 10s;

class TcpProofTest : public ::testing::Test {
 protected:
  void send(std::size_t bytes, std::uint64_t lines, TimePoint now = kStart) {
    const OffsetRange range{next_, next_ + lines};
    next_ = range.to;
    lines > 0 ? proof_.sent(bytes, Ranges{range}, now) : proof_.sent(bytes, {}, now);
  }
  std::uint64_t arrived(std::int64_t bytes, TimePoint now) {
    Ranges ranges;
    proof_.tcp_has(bytes, now, ranges);
    return count(ranges);
  }
  std::uint64_t arrived_at_end(const ConnectionEnd& end = {}) {
    Ranges ranges;
    proof_.ended(end, ranges);
    return count(ranges);
  }
  static std::uint64_t count(const Ranges& ranges) {
    return std::accumulate(ranges.begin(), ranges.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& range) { return sum + range.size(); });
  }

  TcpProof proof_;
  std::uint64_t next_ = 0;
};

TEST_F(TcpProofTest, AChunkCountsWhenItsLastByteIsAcknowledged) {
  send(20, 2);
  send(10, 1);
  arrived(29, kLater);
  EXPECT_EQ(arrived_at_end(), 2U);
}

TEST_F(TcpProofTest, ALineInPiecesCountsWithItsLastPiece) {
  send(100, 0);
  send(50, 1);
  arrived(149, kLater);
  EXPECT_EQ(arrived_at_end(), 0U);
}

TEST_F(TcpProofTest, LinesThatAreNotNextToEachOtherAreToldApart) {
  proof_.sent(30, Ranges{{5, 7}, {9, 10}}, kStart);
  Ranges ranges;
  proof_.tcp_has(30, kLater, ranges);
  proof_.ended({}, ranges);
  EXPECT_EQ(ranges, (Ranges{{5, 7}, {9, 10}}));
}

TEST_F(TcpProofTest, AnAcknowledgedLineIsKeptAMomentForAnEndpointThatRefusesIt) {
  send(10, 1);
  EXPECT_EQ(arrived(10, kLater), 0U);
  EXPECT_EQ(arrived(10, kLater + 999ms), 0U);
  EXPECT_EQ(arrived(10, kLater + 1s), 1U);
}

TEST_F(TcpProofTest, AtMostAFewHundredLinesAreKept) {
  for (int i = 0; i < 1'000; ++i) send(10, 1);
  EXPECT_EQ(arrived(10'000, kLater), 1'000U - 256);
}

TEST_F(TcpProofTest, OfABurstAtTheBeginningAllAre) {
  for (int i = 0; i < 1'000; ++i) send(10, 1);
  EXPECT_EQ(arrived(10'000, kStart + 100ms), 0U);
}

TEST_F(TcpProofTest, TheNewestChunkIsKeptHoweverManyLinesItHas) {
  send(16'000, 400);
  EXPECT_EQ(arrived(16'000, kLater), 0U) << "the endpoint may still refuse one of them";
  send(16'000, 400);
  EXPECT_EQ(arrived(32'000, kLater), 400U);
}

TEST_F(TcpProofTest, LongLinesAreNotKeptForLong) {
  for (int i = 0; i < 10; ++i) send(100'000, 1);
  EXPECT_EQ(arrived(1'000'000, kLater), 9U);
}

TEST_F(TcpProofTest, WhatWasRefusedHasNotArrivedWhateverTcpSays) {
  send(10, 1);
  arrived(10, kLater);
  EXPECT_EQ(arrived_at_end({.refused_line = true}), 0U);
  EXPECT_EQ(arrived_at_end({.refused_request = true}), 0U);
  EXPECT_EQ(arrived_at_end(), 1U);
}

TEST(Transport, WireSizeOfAChunkIsItsFraming) {
  EXPECT_EQ(chunk_wire_size(1), std::string_view("1\r\n\n\r\n").size());
  EXPECT_EQ(chunk_wire_size(15), 15U + 5);
  EXPECT_EQ(chunk_wire_size(16), 16U + 6);
  EXPECT_EQ(chunk_wire_size(65524), 65524U + 8);
}

}  // namespace
}  // namespace plotbridge::stream
