// Concern: damage to a spool costs the records that it hit and nothing else: each byte of three
// spools is flipped, and each of their files cut at each length.
#include "plugin/disk/record_scan.h"

#include "tests/disk/spool_fixture.h"

#include <utility>
#include <vector>

namespace plotbridge::disk {
namespace {

/// A line, or what is resolved, as the test knows that it stands in a file.
struct Written {
  SpoolRecord record;
  std::string line;
  std::string file;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

using Lines = std::map<std::size_t, std::map<std::uint64_t, std::string>>;  // by stream

class SegmentStoreDamageTest : public SpoolFixture {
 protected:
  /// What the files say, as the format says it, but for records that `is_hit` takes out.
  template <class IsHit>
  Lines expected(const IsHit& is_hit) const {
    Lines lines;
    for (const auto type : {RecordType::kLine, RecordType::kResolved}) {
      for (const Written& written : records) {
        const SpoolRecord& record = written.record;
        if (is_hit(written) || record.type != type) continue;
        auto& of = lines[record.stream_key == stream_key("boiler") ? 0 : 1];
        if (type == RecordType::kLine) {
          of[record.id] = written.line;
        } else {
          of.erase(of.lower_bound(record.id), of.lower_bound(record.value));
        }
      }
    }
    return lines;
  }

  void remember() {
    store.reset();
    for (const auto& [name, bytes] : contents(options.directory)) {
      if (!name.ends_with(".spool")) continue;
      good[name] = bytes;
      RecordScan scan(kSegmentHeadBytes, bytes.size(), false);
      scan.look(std::string_view(bytes).substr(kSegmentHeadBytes),
                [&](SpoolRecord record, std::uint64_t position) {
                  const std::uint64_t end = position + kRecordHeadBytes + record.payload.size();
                  std::string line(record.payload);
                  record.payload = {};
                  records.push_back({record, std::move(line), name, position, end});
                });
      ASSERT_EQ(scan.damaged(), 0U);
    }
  }

  template <class IsHit>
  void expect_recovered(const std::string& name, const std::string& bytes, std::uint64_t at,
                        const IsHit& is_hit) {
    std::filesystem::remove_all(options.directory);
    std::filesystem::create_directory(options.directory);
    for (const auto& [other, as_it_was] : good) {
      folder.write("spool/" + other, other == name ? bytes : as_it_was);
    }
    reopen();
    Lines lines = expected(is_hit);
    for (const std::size_t stream : {0U, 1U}) {
      ASSERT_EQ(lines_of(*store, stream), lines[stream]) << name << ", byte " << at;
      ASSERT_EQ(lines_left(stream), lines[stream].size()) << name << ", byte " << at;
    }
    ASSERT_LE(store->gauges(kNoon).damaged, 1U) << name << ", byte " << at;
  }

  void damage_everywhere() {
    remember();
    expect_recovered("", "", 0, [](const Written&) { return false; });
    EXPECT_EQ(store->gauges(kNoon).damaged, 0U);
    for (const auto& [name, bytes] : good) {
      for (std::uint64_t at = 0; at < bytes.size(); ++at) {
        const auto is_here = [&, file = name](const Written& written) {
          return written.file == file && written.begin <= at && at < written.end;
        };
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        expect_recovered(name, damaged, at, is_here);
        ASSERT_EQ(store->gauges(kNoon).damaged, 1U) << name << ", byte " << at;
        expect_recovered(name, bytes.substr(0, at), at, [&, file = name](const Written& written) {
          return written.file == file && written.end > at;
        });
        if (HasFatalFailure()) return;
      }
    }
  }

  std::map<std::string, std::string> good;
  std::vector<Written> records;
};

TEST_F(SegmentStoreDamageTest, to_lines_of_two_streams) {
  store = open();
  append_all(0, 0, 4);
  append_all(1, 100, 103);
  append_all(0, 4, 6);
  damage_everywhere();
}

TEST_F(SegmentStoreDamageTest,
       to_what_is_resolved_or_reserved_and_to_rewritten_lines_in_three_files) {
  store = open();
  append_all(0, 0, 4);
  reopen();
  append_all(0, 4, 6);
  append_all(1, 0, 2);
  store->resolve(0, {1, 3});
  ASSERT_TRUE(store->reserve(1, 50));
  store->flush();
  reopen();
  ASSERT_EQ(append(0, 4, "{\"new\":4}\n"), AppendResult::kYes);
  ASSERT_EQ(append(0, 0, "{\"new\":0}\n"), AppendResult::kYes);
  store->resolve(1, {0, 1});
  store->flush();
  damage_everywhere();
}

TEST_F(SegmentStoreDamageTest, to_large_lines_between_small_ones) {
  store = open();
  append_all(0, 0, 1);
  ASSERT_EQ(append(0, 1, text_of(1, 400)), AppendResult::kYes);
  append_all(0, 2, 3);
  reopen();
  ASSERT_EQ(append(1, 1, text_of(1, 300)), AppendResult::kYes);
  damage_everywhere();
}

TEST_F(SegmentStoreDamageTest, of_other_kinds) {
  store = open();
  append_all(0, 0, 5);
  store.reset();
  const std::string name = "00000000000000000001.spool";
  const std::string bytes = contents(options.directory).at(name);
  // A power cut left zeros at the end, garbage that begins like records in the middle; an empty
  // file.
  std::string garbage;
  for (int i = 0; i < 1000; ++i) garbage += std::string(kRecordMark) + "\x01\x01\x01";
  folder.write("spool/" + name, bytes + garbage + bytes + std::string(5000, '\0'));
  folder.write("spool/00000000000000000002.spool", "");
  reopen();
  EXPECT_EQ(offsets_of(*store, 0), (Offsets{0, 1, 2, 3, 4}));
  EXPECT_EQ(store->gauges(kNoon).damaged, 2U) << "places";
  append_all(0, 5, 6);
  EXPECT_EQ(offsets_of(*store, 0, 4), (Offsets{4, 5}));
}

}  // namespace
}  // namespace plotbridge::disk
