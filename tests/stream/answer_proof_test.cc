// Concern: the answer to the end of the body proves all lines of it, and nothing else does.
#include "plugin/stream/answer_proof.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using Ranges = ArrivalProof::Ranges;

Ranges arrived_after(const ConnectionEnd& end) {
  AnswerProof proof;
  proof.sent(100, Ranges{{0, 3}}, kStart);
  proof.sent(100, Ranges{{3, 4}, {9, 10}}, kStart);
  EXPECT_EQ(proof.lines(), 5U);
  Ranges arrived;
  proof.tcp_has(1'000, kStart, arrived);
  EXPECT_TRUE(arrived.empty());
  proof.ended(end, arrived);
  return arrived;
}

TEST(AnswerProof, AGoodAnswerProvesAllLines) {
  EXPECT_EQ(arrived_after({.answered = true}), (Ranges{{0, 4}, {9, 10}}));
}

TEST(AnswerProof, NoAnswerOrABadOneProvesNone) {
  EXPECT_TRUE(arrived_after({}).empty());
  EXPECT_TRUE(arrived_after({.answered = true, .refused_line = true}).empty());
}

}  // namespace
}  // namespace plotbridge::stream
