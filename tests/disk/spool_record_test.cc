// Concern: files say what docs/spool.md says that they say, so that a later version reads them.
#include "plugin/disk/spool_record.h"

#include "plugin/disk/segment_file.h"
#include "plugin/disk/spool_identity.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>

namespace plotbridge::disk {
namespace {

/// The bytes of the document's example: two digits a byte, sixteen a row.
std::string example() {
  std::ifstream document(PLOTBRIDGE_SOURCE_DIR "/docs/spool.md");
  std::string bytes;
  bool inside = false;
  for (std::string row; std::getline(document, row);) {
    if (row.starts_with("50 42 53")) inside = true;
    if (row.starts_with("```")) inside = false;
    for (std::size_t at = 0; inside && at + 2 < row.size() && at < 48 && row[at] != ' '; at += 3) {
      bytes += static_cast<char>(std::stoi(row.substr(at, 2), nullptr, 16));
    }
  }
  return bytes;
}

TEST(SpoolRecord, IsThatOfTheDocument) {
  constexpr std::uint64_t kTime = 1'795'000'000'000;
  std::string bytes;
  append_segment_head({kSpoolVersion, 1, kTime}, bytes);
  append_record({RecordType::kLine, stream_key("boiler"), 7, kTime, "{\"y\":7}\n"}, bytes);
  append_record({RecordType::kResolved, stream_key("boiler"), 4, 7, {}}, bytes);
  EXPECT_EQ(bytes, example());
}

TEST(SpoolIdentity, IsThatOfTheDocument) {
  std::ifstream document(PLOTBRIDGE_SOURCE_DIR "/docs/spool.md");
  std::string text;
  for (std::string row; std::getline(document, row);) {
    if (row.starts_with("plotbridge spool identity")) text = row + '\n';
    if (row.starts_with("```") && !text.empty()) break;
    if (!text.empty() && !row.starts_with("plotbridge spool identity")) text += row + '\n';
  }
  const SpoolIdentity identity{"0d4ba6a4-6ab2-4a09-8d54-3b5c1b7b2a55", 3,
                               std::chrono::milliseconds(1'766'016'000'000), true, true};
  EXPECT_EQ(text, to_text(identity));
}

TEST(SpoolRecord, IsReadAsItWasWritten) {
  std::string bytes;
  append_record({RecordType::kLine, 1, ~std::uint64_t{0} >> 1, 3, "{}\n"}, bytes);
  EXPECT_EQ(record_bytes(bytes), bytes.size());
  const std::string more = bytes + "what follows";
  const auto record = parse_record(more);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->type, RecordType::kLine);
  EXPECT_EQ(record->stream_key, 1U);
  EXPECT_EQ(record->id, ~std::uint64_t{0} >> 1);
  EXPECT_EQ(record->value, 3U);
  EXPECT_EQ(record->payload, "{}\n");
  EXPECT_FALSE(parse_record(bytes.substr(0, bytes.size() - 1)));
}

TEST(SpoolRecord, HeadOfANewerVersionIsKnownAsOne) {
  std::string bytes;
  append_segment_head({9, 4, 0}, bytes);
  ASSERT_EQ(bytes.size(), kSegmentHeadBytes);
  const auto head = parse_segment_head(bytes);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->version, 9U);
  bytes[8] = 2;
  EXPECT_FALSE(parse_segment_head(bytes)) << "a flipped version is damage";
}

TEST(SpoolRecord, TimesOutsideOfTheCalendarAreBroughtIntoIt) {
  EXPECT_EQ(to_milliseconds(WallTime(std::chrono::hours(-1))), 0U);
  EXPECT_GT(to_wall_time(~std::uint64_t{0}), WallTime());
}

TEST(SegmentFileName, IsTwentyDigits) {
  EXPECT_EQ(segment_path("/s", 7), "/s/00000000000000000007.spool");
  EXPECT_EQ(segment_number("00000000000000000007.spool"), 7U);
  EXPECT_FALSE(segment_number("7.spool"));
  EXPECT_FALSE(segment_number("0000000000000000000x.spool"));
  EXPECT_FALSE(segment_number("-0000000000000000007.spool"));
  EXPECT_FALSE(segment_number("99999999999999999999.spool"));
}

}  // namespace
}  // namespace plotbridge::disk
