// Concern: what the table keeps in memory is bounded however lines are resolved, and what it owes
// for that is written when there is a segment for it.
#include "plugin/disk/spool_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::disk {
namespace {

using Ranges = std::vector<OffsetRange>;

class SpoolTableTest : public ::testing::Test {
 protected:
  SpoolTableTest() : table(names) {
    table.end_recovery();
    table.add_segment(1, 0);
  }

  void write(std::uint64_t from, std::uint64_t to, std::uint64_t segment = 1) {
    for (std::uint64_t offset = from; offset < to; ++offset) {
      const SpoolLine line{0, {RecordType::kLine, table.key(0), offset, 0, "{}\n"}};
      table.wrote({&line, 1}, segment);
    }
  }
  /// What the records say that is resolved, without empty ranges.
  static Ranges ranges_in(std::string_view records) {
    Ranges ranges;
    for (; !records.empty(); records.remove_prefix(record_bytes(records))) {
      const auto record = parse_record(records);
      EXPECT_TRUE(record && record->type == RecordType::kResolved);
      if (record && record->id < record->value) ranges.push_back({record->id, record->value});
    }
    return ranges;
  }
  static constexpr std::size_t kAll = std::size_t{1} << 30;

  std::vector<std::string> names = {"boiler"};
  SpoolTable table;
};

TEST_F(SpoolTableTest, merges_what_is_resolved_in_any_order) {
  write(0, 100);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t offset = i * 37 % 100;
    table.resolve(0, {offset, offset + 1});
  }
  const auto resolved = table.take_resolved();
  ASSERT_EQ(resolved.size(), 1U);
  EXPECT_EQ(resolved[0].offsets, (OffsetRange{0, 100}));
  EXPECT_TRUE(table.take_resolved().empty());
}

TEST_F(SpoolTableTest, owes_the_whole_stream_when_too_much_waits_to_be_written) {
  constexpr std::uint64_t kLines = 200'000;
  write(0, kLines);
  for (std::uint64_t offset = 0; offset < kLines; offset += 2) {
    table.resolve(0, {offset, offset + 1});
  }
  EXPECT_EQ(table.take_resolved().size(), 65'536U);
  EXPECT_TRUE(table.take_owed(100).streams.empty()) << "no room";
  auto owed = table.take_owed(kAll);
  ASSERT_EQ(owed.streams.size(), 1U);
  EXPECT_EQ(ranges_in(owed.records).size(), kLines / 2);
  table.not_written(owed);
  owed = table.take_owed(kAll);
  ASSERT_EQ(owed.streams.size(), 1U);
  table.written(owed, 2);
  EXPECT_TRUE(table.take_owed(kAll).streams.empty());
}

// Of offsets that were in memory alone, or were dropped, nobody may say what came of them.
TEST_F(SpoolTableTest, fills_old_gaps_between_what_is_resolved_and_no_gap_with_a_line) {
  write(2'000, 2'001);
  for (std::uint64_t offset = 0; offset < 100'000; offset += 4) {
    table.resolve(0, {offset + 1, offset + 2});
  }
  write(99'990, 99'992);  // the newest are not filled
  table.resolve(0, {99'991, 99'992});
  table.resolve(0, {1'000'000, 1'000'001});
  table.before_drop(1);  // owed: how far offsets were given
  const Ranges ranges = ranges_in(table.take_owed(kAll).records);
  EXPECT_LE(ranges.size(), 1024U + 2);
  EXPECT_GE(ranges.size(), 512U);
  RangeSet resolved;
  for (const OffsetRange& range : ranges) resolved.add(range);
  EXPECT_FALSE(resolved.contains(2'000));
  EXPECT_FALSE(resolved.contains(99'990));
  EXPECT_TRUE(resolved.contains(99'991));
  EXPECT_FALSE(resolved.contains(99'996));
  EXPECT_TRUE(resolved.contains(4));
  EXPECT_EQ(table.portion(0, 0)->offsets, (Ranges{{2'000, 2'001}, {99'990, 99'991}}));
}

TEST_F(SpoolTableTest, says_once_more_what_is_resolved_only_for_older_segments) {
  write(0, 10);
  table.add_segment(2, 0);
  write(10, 20, 2);
  table.resolve(0, {5, 15});
  table.written(table.take_resolved(), 2);
  table.add_segment(3, 0);
  write(20, 21, 3);
  table.before_drop(1);
  EXPECT_TRUE(table.take_owed(kAll).streams.empty()) << "it said nothing";
  table.before_drop(2);
  const auto owed = table.take_owed(kAll);
  EXPECT_EQ(ranges_in(owed.records), (Ranges{{5, 15}})) << "there are 5 to 9 in the first";
  table.written(owed, 3);
  table.drop(2);
  table.drop(1);
  table.add_segment(4, 0);
  write(21, 22, 4);
  table.before_drop(3);
  EXPECT_TRUE(table.take_owed(kAll).streams.empty()) << "there are no older ones";
}

TEST_F(SpoolTableTest, reads_no_record_that_this_version_does_not_write) {
  SpoolTable found(names);
  found.add_segment(1, 0);
  const std::uint64_t key = found.key(0);
  for (const std::uint64_t offset : {3, 4, 5}) {
    found.apply({RecordType::kLine, key, offset, 0, "{}\n"}, 1);
  }
  found.apply({RecordType::kResolved, key, 3, 1'795'000'000'000, "{}\n"}, 1);
  found.apply({static_cast<RecordType>(3), key, 3, 100, {}}, 1);
  found.apply({RecordType::kResolved, key, 5, 4, {}}, 1);
  found.apply({RecordType::kResolved, key, 4, 5, {}}, 1);
  found.end_recovery();
  EXPECT_EQ(found.recovered(0).end, 6U);
  EXPECT_EQ(found.recovered(0).resolved.ranges(), (Ranges{{0, 3}, {4, 5}}));
}

TEST_F(SpoolTableTest, runs_of_lines_join_in_whatever_order_they_come) {
  for (const std::uint64_t offset : {5, 3, 4, 1, 0, 2, 7, 6}) write(offset, offset + 1);
  EXPECT_EQ(table.portion(0, 0)->offsets, (Ranges{{0, 8}}));
  table.add_segment(2, 0);
  write(3, 4, 2);
  EXPECT_EQ(table.portion(0, 0)->offsets, (Ranges{{0, 3}}));
  EXPECT_EQ(table.portion(0, 3)->segment, 2U);
  EXPECT_EQ(table.portion(0, 4)->offsets, (Ranges{{4, 8}}));
  write(2, 3, 2);
  write(4, 5, 2);
  EXPECT_EQ(table.portion(0, 2)->offsets, (Ranges{{2, 5}}));
  const auto dropped = table.drop(1);
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].offsets, (Ranges{{0, 2}, {5, 8}}));
  EXPECT_EQ(table.unwanted(false), (std::vector<std::uint64_t>{}));
}

}  // namespace
}  // namespace plotbridge::disk
