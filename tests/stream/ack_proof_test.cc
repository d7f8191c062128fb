// Concern: nothing is sent before the endpoint has said what it has, it is told which offset a line
// has wherever that is not the next one, and which offsets never come.
#include "plugin/stream/ack_proof.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::stream {
namespace {

using Ranges = ArrivalProof::Ranges;

std::string seq(std::uint64_t offset) { return to_text(ControlLine{offset, false}) + "\n"; }
std::string voids(std::uint64_t offset) { return to_text(ControlLine{offset, true}) + "\n"; }

RangeSet before(std::uint64_t offset) {
  RangeSet set;
  set.add({0, offset});
  return set;
}

TEST(AckProof, WaitsForTheFirstWordOfTheEndpoint) {
  AckProof proof(7);
  EXPECT_TRUE(proof.is_waiting());
  EXPECT_TRUE(proof.have(Ranges{{0, 7}}, 7));
  EXPECT_FALSE(proof.is_waiting());
  EXPECT_FALSE(proof.have(Ranges{{0, 8}}, 8)) << "only the first is that";
}

TEST(AckProof, TheLineThatWasAnnouncedNeedsNoWord) {
  AckProof proof(7);
  proof.have(Ranges{{0, 7}}, 7);
  EXPECT_EQ(proof.offset().control_before(7, before(7)), "");
  proof.offset().sent(7);
  EXPECT_EQ(proof.offset().control_before(8, before(7)), "");
}

TEST(AckProof, OffsetsThatTheEndpointLacksAndThatNeverComeAreTold) {
  AckProof proof(100);
  proof.have(Ranges{{0, 20}, {30, 100}}, 100);
  EXPECT_EQ(proof.offset().control_before(100, before(100)), seq(20) + voids(100));
  proof.offset().sent(100);
  EXPECT_EQ(proof.offset().control_before(101, before(101)), "") << "once";
}

TEST(AckProof, AnEndpointThatKnowsNothingIsToldOfAll) {
  AckProof proof(100);
  proof.have({}, 100);
  EXPECT_EQ(proof.offset().control_before(100, before(100)), seq(0) + voids(100));
}

TEST(WireOffset, WhatIsPassedOverIsVoidOnlyIfNoneOfItComesLater) {
  WireOffset offset(10);
  offset.sent(10);
  RangeSet resolved = before(10);
  EXPECT_EQ(offset.control_before(20, resolved), seq(20)) << "history waits there";
  resolved.add({11, 20});
  EXPECT_EQ(offset.control_before(20, resolved), voids(20));
  offset.sent(20);
  EXPECT_EQ(offset.control_before(5, resolved), seq(5)) << "nor what lies behind";
}

}  // namespace
}  // namespace plotbridge::stream
