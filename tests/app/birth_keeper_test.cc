// Concern: births on their way to the disk are bounded, and a name that could not be kept does not
// come back as an old one.
#include "plugin/app/birth_keeper.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

namespace plotbridge::app {
namespace {

using Births = std::map<std::string, std::string>;

Births births_of(BirthKeeper& keeper) {
  Births births;
  keeper.load(
      [&](const std::string& topic, const std::string& payload) { births[topic] = payload; });
  return births;
}

TEST(BirthKeeper, OfOneTopicTheLastBirthIsKept) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("t", "old");
  keeper.put("t", "new");
  keeper.write();
  EXPECT_EQ(births_of(keeper), (Births{{"t", "new"}}));
  EXPECT_EQ(keeper.waiting_bytes(), 0U);
}

TEST(BirthKeeper, AFloodOfBirthsDoesNotGrowAndTakesAwayWhatItCouldNotReplace) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("real", "names of yesterday");
  keeper.write();
  const std::string large(disk::BirthStore::kMaxBytes, 'x');
  for (int i = 0; i < 100; ++i) {
    keeper.put("invented/" + std::to_string(i), large);
    ASSERT_LE(keeper.waiting_bytes(), BirthKeeper::kMaxWaitingBytes);
  }
  keeper.put("real", std::string(BirthKeeper::kMaxWaitingBytes / 2, 'n'));
  keeper.write();
  EXPECT_FALSE(births_of(keeper).contains("real")) << "its names are not those of yesterday";
}

TEST(BirthKeeper, BirthThatIsTooLargeTakesTheOneOfBeforeAwayAndIsTold) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("real", "names of yesterday");
  keeper.write();
  keeper.put("real", std::string(disk::BirthStore::kMaxBytes + 1, 'n'));
  testing::internal::CaptureStderr();
  keeper.write();
  EXPECT_NE(testing::internal::GetCapturedStderr().find("larger than 1 MiB"), std::string::npos);
  EXPECT_EQ(births_of(keeper), Births{});
}

TEST(BirthKeeper, BirthOfATopicThatIsTooLongTakesNoRoom) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put(std::string(disk::BirthStore::kMaxTopicBytes + 1, 't'), "names");
  EXPECT_EQ(keeper.waiting_bytes(), 0U);
  keeper.write();
  EXPECT_EQ(births_of(keeper), Births{});
}

// A disk that stalls while 100,000 topics come.
TEST(BirthKeeper, BirthThatLeavesNoTraceInAFloodIsNotTheOneOfBefore) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("real", "names of yesterday");
  keeper.write();
  for (int i = 0; i < 100'000; ++i) {
    keeper.put("invented/" + std::to_string(i), "");
    ASSERT_LE(keeper.waiting_bytes(), BirthKeeper::kMaxWaitingBytes);
    if (i == 50'000) keeper.put("real", std::string(BirthKeeper::kMaxWaitingBytes / 2, 'n'));
  }
  keeper.write();
  EXPECT_FALSE(births_of(keeper).contains("real"));
  keeper.put("real", "names of today");
  keeper.write();
  EXPECT_TRUE(births_of(keeper).contains("real"));
}

TEST(BirthKeeper, BirthsThatFillTheQueueLeaveRoomToRemoveOthers) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("real", "names of yesterday");
  keeper.put("other", "names");
  keeper.write();
  const std::size_t entry = BirthKeeper::kEntryBytes + 1;
  keeper.put("a", std::string(BirthKeeper::kMaxWaitingBytes / 2 - entry, 'x'));
  keeper.put("b", std::string(BirthKeeper::kMaxWaitingBytes / 2 - entry, 'x'));
  keeper.put("real", "names of today");
  keeper.write();
  const Births births = births_of(keeper);
  EXPECT_FALSE(births.contains("real")) << "its names are not those of yesterday";
  EXPECT_TRUE(births.contains("other") && births.contains("a") && births.contains("b"));
}

TEST(BirthKeeper, ABirthThatCouldNotBeReadTakesTheOneOfBeforeAwayAndNoOther) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("real", "names of yesterday");
  keeper.put("other", "names");
  keeper.write();
  keeper.put("real", "names of this morning");
  keeper.remove("real");
  EXPECT_EQ(keeper.waiting_bytes(), 0U);
  keeper.write();
  EXPECT_EQ(births_of(keeper), (Births{{"other", "names"}}));
  keeper.remove("real");
  keeper.put("real", "names of today");
  keeper.write();
  EXPECT_EQ(births_of(keeper), (Births{{"other", "names"}, {"real", "names of today"}}));
}

TEST(BirthKeeper, WhatCannotBeRemovedIsRemovedLater) {
  const test::TempDir dir;
  BirthKeeper keeper(dir.path(""), [] {});
  keeper.put("real", "names of yesterday");
  keeper.write();
  // The disk fails: no draft can be written, and nothing removed.
  const std::filesystem::path births = dir.path("births");
  std::filesystem::rename(births, dir.path("aside"));
  dir.write("births", "no directory");
  keeper.put("real", "names of today");
  keeper.write();
  std::filesystem::remove(births);
  std::filesystem::rename(dir.path("aside"), births);
  keeper.write();
  EXPECT_EQ(births_of(keeper), Births{});
}

}  // namespace
}  // namespace plotbridge::app
