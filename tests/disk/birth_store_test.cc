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

Births births_of(BirthStore store) {
  Births births;
  store.load([&](const std::string& topic, const std::string& payload) {
    births.emplace_back(topic, payload);
  });
  return births;
}

Births sorted(Births births) {
  std::ranges::sort(births);
  return births;
}

TEST(BirthStore, GivesBackTheLastBirthOfEachTopic) {
  const test::TempDir dir;
  {
    BirthStore store(dir.path("spool"));
    EXPECT_EQ(births_of(store), Births{});
    ASSERT_TRUE(store.save("spBv1.0/a b/NBIRTH/ö", "old"));
    ASSERT_TRUE(store.save("spBv1.0/a b/NBIRTH/ö", "new\n\0bytes"s));
    ASSERT_TRUE(store.save("spBv1.0/a b/DBIRTH/ö/d", ""));
  }
  EXPECT_EQ(sorted(births_of(BirthStore(dir.path("spool")))),
            (Births{{"spBv1.0/a b/DBIRTH/ö/d", ""}, {"spBv1.0/a b/NBIRTH/ö", "new\n\0bytes"s}}));
}

TEST(BirthStore, LeavesAloneWhatIsNone) {
  const test::TempDir dir;
  BirthStore store(dir.path(""));
  ASSERT_TRUE(store.save("t", "p"));
  dir.write("births/0000000000000000.birth", "something else");
  dir.write("births/1111111111111111.birth", "plotbridge birth 1\nno end");
  dir.write("births/2222222222222222.birth.new", "plotbridge birth 1\nt\nhalf");
  EXPECT_EQ(births_of(store), (Births{{"t", "p"}}));
}

TEST(BirthStore, ThatCouldNotBeReadIsReadLater) {
  const test::TempDir dir;
  std::filesystem::create_directory(dir.path("spool"));
  const std::string births = dir.write("spool/births", "no directory");
  BirthStore store(dir.path("spool"));
  store.remove_if([](std::uint64_t) { return true; });
  std::filesystem::remove(births);
  ASSERT_TRUE(BirthStore(dir.path("spool")).save("t", "names"));
  store.remove_if([](std::uint64_t) { return true; });
  EXPECT_EQ(births_of(BirthStore(dir.path("spool"))), Births{});
}

TEST(BirthStore, SaysWhyItCannotWrite) {
  const test::TempDir dir;
  BirthStore store(dir.write("file", "no folder"));
  const auto saved = store.save("t", "p");
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().message.find("cannot make"), std::string::npos);
}

TEST(BirthStore, WhatIsTooLargeIsNotKept) {
  const test::TempDir dir;
  BirthStore store(dir.path(""));
  EXPECT_TRUE(store.save("t", std::string(BirthStore::kMaxBytes + 1, 'x')));
  EXPECT_EQ(births_of(store), Births{});
}

TEST(BirthStore, TheOneThatWasSavedLongestAgoGoesWhenThereAreTooManyOrTooManyBytes) {
  const test::TempDir dir;
  const std::string payload(100, 'x');
  {
    BirthStore store(dir.path(""), {.births = 3});
    for (const auto* topic : {"a", "b", "c"}) ASSERT_TRUE(store.save(topic, payload));
    ASSERT_TRUE(store.save("a", payload));
    ASSERT_TRUE(store.save("d", payload));
    EXPECT_EQ(sorted(births_of(store)), (Births{{"a", payload}, {"c", payload}, {"d", payload}}));
  }
  BirthStore store(dir.path(""), {.bytes = 300});
  ASSERT_TRUE(store.save("e", payload));
  EXPECT_EQ(births_of(store).size(), 2U) << "those of an earlier run count, too";
  EXPECT_EQ(births_of(store).back().first, "e");
  EXPECT_TRUE(store.remove_if([](auto hash) { return hash == BirthStore::hash_of("e"); }));
  EXPECT_TRUE(
      store.remove_if([](auto hash) { return hash == BirthStore::hash_of("never there"); }));
  EXPECT_EQ(births_of(store).size(), 1U);
}

TEST(BirthStore, ATopicOfMoreThan512BytesIsNotKept) {
  const test::TempDir dir;
  BirthStore store(dir.path(""));
  EXPECT_TRUE(store.save(std::string(BirthStore::kMaxTopicBytes + 1, 't'), "p"));
  EXPECT_EQ(births_of(store), Births{});
}

}  // namespace
}  // namespace plotbridge::disk
