// Concern: every ending is understood the same way everywhere, and a person is told what to do.
#include "plugin/stream/close_reason.h"

#include <gtest/gtest.h>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;
using How = Ending::How;

CloseReason reason_of(int status, Duration silent = 1s) {
  return classify({How::kStatus, status, std::nullopt, {}}, silent);
}

TEST(CloseReason, EachStatusOfThePublishedTableHasItsReason) {
  EXPECT_EQ(reason_of(423), CloseReason::kEvicted);
  EXPECT_EQ(reason_of(409), CloseReason::kEvicted);
  for (const int status : {401, 403, 404, 405, 406})
    EXPECT_EQ(reason_of(status), CloseReason::kRefused);
  for (const int status : {400, 413, 422}) EXPECT_EQ(reason_of(status), CloseReason::kBadData);
  EXPECT_EQ(reason_of(429), CloseReason::kLimited);
  EXPECT_EQ(reason_of(408), CloseReason::kIdle);
  EXPECT_EQ(reason_of(503), CloseReason::kRestart);
  for (const int status : {200, 308, 449, 500, 502})
    EXPECT_EQ(reason_of(status), CloseReason::kNetwork);
}

TEST(CloseReason, ServiceUnavailableWithATimeToComeBackIsALimit) {
  EXPECT_EQ(classify({How::kStatus, 503, 3s, {}}, 1s), CloseReason::kLimited);
}

TEST(CloseReason, AnyEndAfterALongSilenceIsTheIdleTimeout) {
  EXPECT_EQ(classify({How::kFin, 0, std::nullopt, {}}, 54s), CloseReason::kNetwork);
  EXPECT_EQ(classify({How::kFin, 0, std::nullopt, {}}, 55s), CloseReason::kIdle);
  EXPECT_EQ(classify({How::kReset, 0, std::nullopt, {}}, 60s), CloseReason::kIdle);
  EXPECT_EQ(classify({How::kNoReach, 0, std::nullopt, {}}, 60s), CloseReason::kNetwork);
}

TEST(CloseReason, GoodAnswerToOurOwnEndIsNoTrouble) {
  EXPECT_EQ(classify({How::kStatus, 200, std::nullopt, {}}, 1s, true), CloseReason::kDone);
  EXPECT_EQ(classify({How::kStatus, 422, std::nullopt, {}}, 1s, true), CloseReason::kBadData);
  EXPECT_EQ(classify({How::kFin, 0, std::nullopt, {}}, 1s, true), CloseReason::kNetwork);
}

TEST(CloseReason, SentencesNameWhatHappenedAndWhatToDo) {
  EXPECT_EQ(describe({How::kStatus, 404, std::nullopt, {}}),
            "the endpoint answered 404 (streamtoken not registered or valid)");
  EXPECT_EQ(describe({How::kNoReach, 0, std::nullopt, "Connection refused"}),
            "cannot connect: Connection refused");
  EXPECT_NE(advice(CloseReason::kEvicted, {How::kStatus, 423, std::nullopt, {}}).find("same token"),
            std::string_view::npos);
  EXPECT_EQ(advice(CloseReason::kIdle, {}), "");
}

}  // namespace
}  // namespace plotbridge::stream
