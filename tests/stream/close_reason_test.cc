// Concern: every ending is understood the same way everywhere, and a person is told what to do.
#include "plugin/stream/close_reason.h"

#include "tests/stream/moments.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;
using How = Ending::How;

std::optional<CloseReason> reason_of(const Ending& ending, Circumstances around = {}) {
  return classify(ending, around);
}

TEST(CloseReason, EachStatusThatSaysWhyHasItsReason) {
  EXPECT_EQ(reason_of(answered(423)), CloseReason::kEvicted);
  EXPECT_EQ(reason_of(answered(409)), CloseReason::kEvicted);
  for (const int status : {401, 403, 404, 405, 406})
    EXPECT_EQ(reason_of(answered(status)), CloseReason::kRefused);
  for (const int status : {400, 413, 422})
    EXPECT_EQ(reason_of(answered(status)), CloseReason::kBadData);
  EXPECT_EQ(reason_of(answered(429)), CloseReason::kLimited);
  EXPECT_EQ(reason_of(answered(408)), CloseReason::kIdle);
  EXPECT_EQ(reason_of(answered(503)), CloseReason::kRestart);
  for (const int status : {449, 500, 501})
    EXPECT_EQ(reason_of(answered(status)), CloseReason::kNetwork);
}

TEST(CloseReason, ServiceUnavailableWithATimeToComeBackIsALimit) {
  Ending ending = answered(503);
  ending.retry_after = 3s;
  EXPECT_EQ(reason_of(ending), CloseReason::kLimited);
}

TEST(CloseReason, BadDataWithoutALineOnTheWayIsTheRequestItself) {
  Circumstances around;
  around.sent_lines = false;
  EXPECT_EQ(reason_of(answered(400), around), CloseReason::kRefused);
}

TEST(CloseReason, AnyEndAfterALongSilenceIsTheIdleTimeout) {
  Circumstances around;
  around.silent = 54s;
  EXPECT_NE(reason_of(fin(), around), CloseReason::kIdle);
  around.silent = 55s;
  for (const Ending& ending : {fin(), reset(), answered(200), answered(500)})
    EXPECT_EQ(reason_of(ending, around), CloseReason::kIdle);
  EXPECT_EQ(reason_of(unreachable(), around), CloseReason::kNetwork);
}

TEST(CloseReason, EndWithoutAReasonIsJudgedByTheSiblings) {
  for (const Ending& ending : {fin(), reset(), answered(200), answered(204), answered(308)}) {
    Circumstances around;
    EXPECT_EQ(reason_of(ending, around), std::nullopt) << "nobody was asked yet";
    around.siblings = Siblings::kMostClosed;
    EXPECT_EQ(reason_of(ending, around), CloseReason::kRestart);
    around.siblings = Siblings::kMostAgain;
    EXPECT_EQ(reason_of(ending, around), CloseReason::kSuspect);
    around.siblings = Siblings::kStayUp;
    EXPECT_EQ(reason_of(ending, around), CloseReason::kSuspect);
    around.siblings = Siblings::kNone;
    EXPECT_EQ(reason_of(ending, around), std::nullopt) << "the next dial tells";
    around.may_evict_silently = false;
    EXPECT_EQ(reason_of(ending, around), CloseReason::kNetwork);
  }
}

TEST(CloseReason, WhatCannotBeAnEvictionIsNeverSuspected) {
  Circumstances around;
  around.siblings = Siblings::kStayUp;
  EXPECT_EQ(reason_of(ended_by(How::kTimeout), around), CloseReason::kNetwork);
  EXPECT_EQ(reason_of(unreachable(), around), CloseReason::kNetwork);
  around.was_open = false;
  EXPECT_EQ(reason_of(reset(), around), CloseReason::kNetwork);
}

TEST(CloseReason, GatewaysAnswerIsSuspectedOnlyInMidStreamAndBesideSiblings) {
  Circumstances around;
  around.siblings = Siblings::kStayUp;
  around.lasted = 10s;
  EXPECT_EQ(reason_of(answered(502), around), CloseReason::kSuspect);
  around.lasted = 100ms;
  EXPECT_EQ(reason_of(answered(502), around), CloseReason::kNetwork) << "nothing behind it";
  around.lasted = 10s;
  around.siblings = Siblings::kNone;
  EXPECT_EQ(reason_of(answered(504), around), CloseReason::kNetwork);
}

TEST(CloseReason, RedirectIsRefusedWithTheTokenKept) {
  Ending ending = answered(308);
  ending.location = "https://elsewhere.example/";
  EXPECT_EQ(reason_of(ending), CloseReason::kRefused);
  EXPECT_NE(describe(ending).find("https://elsewhere.example/"), std::string::npos);
  EXPECT_NE(advice(CloseReason::kRefused, ending).find("endpoint.url"), std::string::npos);
}

TEST(CloseReason, GoodAnswerToOurOwnEndIsNoTrouble) {
  Circumstances around;
  around.finished = true;
  EXPECT_EQ(reason_of(answered(200), around), CloseReason::kDone);
  EXPECT_EQ(reason_of(fin(), around), CloseReason::kDone);
  EXPECT_EQ(reason_of(answered(422), around), CloseReason::kBadData);
}

TEST(CloseReason, SentencesNameWhatHappenedAndWhatToDo) {
  EXPECT_EQ(describe(answered(404)),
            "the endpoint answered 404 (streamtoken not registered or valid)");
  EXPECT_EQ(describe(unreachable()), "cannot connect: Connection refused");
  EXPECT_NE(advice(CloseReason::kEvicted, answered(423)).find("same token"), std::string::npos);
  EXPECT_EQ(advice(CloseReason::kIdle, {}), "");
}

}  // namespace
}  // namespace plotbridge::stream
