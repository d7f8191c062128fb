// Concern: births are there again after a restart, whatever their topics and bytes, and files that
// are none do no harm.
#include "plugin/disk/birth_store.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

using namespace std::string_literals;

namespace plotbridge::disk {
namespace {

using Births = std::vector<std::pair<std::string, std::string>>;

Births sorted(Births births) {
  std::ranges::sort(births);
  return births;
}

TEST(BirthStore, GivesBackTheLastBirthOfEachTopic) {
  const testing::TempDir dir;
  {
    BirthStore store(dir.path("spool"));
    EXPECT_EQ(store.load(), Births{});
    ASSERT_TRUE(store.save("spBv1.0/a b/NBIRTH/ö", "old"));
    ASSERT_TRUE(store.save("spBv1.0/a b/NBIRTH/ö", "new\n\0bytes"s));
    ASSERT_TRUE(store.save("spBv1.0/a b/DBIRTH/ö/d", ""));
  }
  EXPECT_EQ(sorted(BirthStore(dir.path("spool")).load()),
            (Births{{"spBv1.0/a b/DBIRTH/ö/d", ""}, {"spBv1.0/a b/NBIRTH/ö", "new\n\0bytes"s}}));
}

TEST(BirthStore, LeavesAloneWhatIsNone) {
  const testing::TempDir dir;
  BirthStore store(dir.path(""));
  ASSERT_TRUE(store.save("t", "p"));
  dir.write("births/0000000000000000.birth", "something else");
  dir.write("births/1111111111111111.birth", "plotbridge birth 1\nno end");
  dir.write("births/2222222222222222.birth.new", "plotbridge birth 1\nt\nhalf");
  EXPECT_EQ(store.load(), (Births{{"t", "p"}}));
}

TEST(BirthStore, SaysWhyItCannotWrite) {
  const testing::TempDir dir;
  BirthStore store(dir.write("file", "no folder"));
  const auto saved = store.save("t", "p");
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().message.find("cannot make"), std::string::npos);
}

TEST(BirthStore, WhatIsTooLargeIsNotKept) {
  const testing::TempDir dir;
  BirthStore store(dir.path(""));
  EXPECT_TRUE(store.save("t", std::string(BirthStore::kMostBytes + 1, 'x')));
  EXPECT_EQ(store.load(), Births{});
}

}  // namespace
}  // namespace plotbridge::disk
