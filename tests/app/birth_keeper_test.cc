// Concern: births on their way to the disk are bounded, and a name that could not be kept does not
// come back as an old one.
#include "plugin/app/birth_keeper.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

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
  keeper.put(std::string(60'000, 't'), "long");
  keeper.write();
  EXPECT_FALSE(births_of(keeper).contains("real")) << "its names are not those of yesterday";
  for (int i = 0; i < 100'000; ++i) keeper.put("small/" + std::to_string(i), "");
  EXPECT_LE(keeper.waiting_bytes(), BirthKeeper::kMaxWaitingBytes);
}

}  // namespace
}  // namespace plotbridge::app
