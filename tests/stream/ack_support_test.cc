// Concern: whether an endpoint acknowledges is found out once, costs at most half a second, and is
// not forgotten because a question got no answer.
#include "plugin/stream/ack_support.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;
using Answer = AckSupport::Answer;

TEST(AckSupport, OneThatCannotIsNotWaitedFor) {
  AckSupport acks(false);
  EXPECT_TRUE(acks.is_known());
  EXPECT_LE(acks.wait_until(), kStart);
}

TEST(AckSupport, TheFirstAnswerIsWaitedForAWhile) {
  AckSupport acks(true);
  EXPECT_FALSE(acks.acknowledges());
  acks.asked(kStart);
  acks.asked(kStart + 300ms);
  EXPECT_EQ(acks.wait_until(), kStart + 500ms);
  EXPECT_TRUE(acks.answered(Answer::kYes)) << "that is news";
  EXPECT_TRUE(acks.acknowledges());
  EXPECT_LE(acks.wait_until(), kStart);
  EXPECT_FALSE(acks.answered(Answer::kYes));
}

TEST(AckSupport, AnEndpointThatIsUnreachableIsNotWaitedFor) {
  AckSupport acks(true);
  acks.asked(kStart);
  EXPECT_FALSE(acks.answered(Answer::kNone));
  EXPECT_LE(acks.wait_until(), kStart);
  EXPECT_FALSE(acks.is_known()) << "it is asked again once it is there";
}

TEST(AckSupport, OneThatSaysNothingDoesNotAcknowledge) {
  AckSupport acks(true);
  acks.asked(kStart);
  EXPECT_TRUE(acks.give_up());
  EXPECT_FALSE(acks.give_up());
  EXPECT_TRUE(acks.is_known());
  EXPECT_FALSE(acks.acknowledges());
  EXPECT_TRUE(acks.answered(Answer::kYes)) << "until it says so";
}

TEST(AckSupport, WhatItOnceSaidIsNotForgottenWithoutAnAnswer) {
  AckSupport acks(true, true);
  EXPECT_TRUE(acks.acknowledges());
  acks.asked(kStart);
  EXPECT_FALSE(acks.answered(Answer::kNone));
  EXPECT_TRUE(acks.acknowledges());
  EXPECT_TRUE(acks.answered(Answer::kNo)) << "but it may say the opposite";
  EXPECT_FALSE(acks.acknowledges());
}

// As of a gateway while the endpoint behind it starts again.
TEST(AckSupport, WhoDoesNotAnswerTheQuestionTellsNothingOfOneThatAcknowledges) {
  AckSupport acks(true, true);
  EXPECT_FALSE(acks.answered(Answer::kUnclear));
  EXPECT_TRUE(acks.acknowledges());
  AckSupport unknown(true);
  EXPECT_TRUE(unknown.answered(Answer::kUnclear));
  EXPECT_TRUE(unknown.is_known());
  EXPECT_FALSE(unknown.acknowledges());
}

TEST(AckSupport, ANoIsNewsOnce) {
  AckSupport acks(true);
  EXPECT_TRUE(acks.answered(Answer::kNo));
  EXPECT_FALSE(acks.answered(Answer::kNo));
}

}  // namespace
}  // namespace plotbridge::stream
