// Concern: acknowledgements are read however their bytes are cut, and nothing else is taken for
// one.
#include "plugin/http/ack_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

using Ranges = std::vector<OffsetRange>;

/// A reader and the lines that it has told.
struct Told {
  bool read(std::string_view bytes) {
    return acks.read(bytes, [this](std::span<const OffsetRange> ranges) {
      lines.emplace_back(ranges.begin(), ranges.end());
    });
  }
  AckReader acks;
  std::vector<Ranges> lines;
};

TEST(AckReader, TellsEachLineInOrderAndTheEnd) {
  const std::string body =
      "{\"have\": []}\n{\"have\": [[0,5],[7,9]]}\n{\"have\": [[0, 9], [1000,1200]], \"close\": "
      "\"bad-line\", \"status\": 422, \"seq\": 1200}\n";
  const std::vector<Ranges> expected{{}, {{0, 5}, {7, 9}}, {{0, 9}, {1000, 1200}}};
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    Told told;
    ASSERT_TRUE(told.read(body.substr(0, cut)));
    EXPECT_EQ(told.acks.ended(), cut == body.size());
    ASSERT_TRUE(told.read(body.substr(cut)));
    EXPECT_EQ(told.lines, expected);
    EXPECT_EQ(told.acks.status(), 422);
    EXPECT_EQ(told.acks.close(), "bad-line");
    EXPECT_EQ(told.acks.bad_line(), 1200U);
  }
}

TEST(AckReader, KnowsTheEndWhenItTellsItsRanges) {
  AckReader acks;
  bool ended = false;
  EXPECT_TRUE(acks.read("{\"close\": \"done\", \"status\": 200, \"have\": [[0,1]]}\n",
                        [&](auto) { ended = acks.ended(); }));
  EXPECT_TRUE(ended);
  EXPECT_EQ(acks.bad_line(), std::nullopt);
}

TEST(AckReader, KeepsEveryDigitOfTheGreatestOffset) {
  Told told;
  EXPECT_TRUE(told.read("{\"have\": [[9223372036854775806,9223372036854775807]]}\n"));
  EXPECT_EQ(told.lines.back(), (Ranges{{kOffsetsEnd - 1, kOffsetsEnd}}));
  EXPECT_FALSE(told.read("{\"have\": [[0,9223372036854775808]]}\n"));
}

TEST(AckReader, TakesALineWithAsManyRangesAsThereMayBe) {
  std::string line = "{\"have\": [";
  const std::uint64_t last = kOffsetsEnd - 2 * 2048;
  for (std::uint64_t i = 0; i < 2048; ++i) {
    line += (i > 0 ? ",[" : "[") + std::to_string(last + 2 * i) + ',' +
            std::to_string(last + 2 * i + 1) + ']';
  }
  Told told;
  EXPECT_TRUE(told.read(line + "]}\n"));
  EXPECT_EQ(told.lines.back().size(), 2048U);
}

TEST(AckReader, PassesOverWhatALaterVersionMayAdd) {
  Told told;
  EXPECT_TRUE(
      told.read("\n{\"durability\": {\"have\": 9}, \"lost\": [[[3]], {\"have\": []}], \"have\": "
                "[[0,3]], \"lag\": [1, 2], \"next\": 4}\r\n"));
  EXPECT_EQ(told.lines, (std::vector<Ranges>{{{0, 3}}}));
}

TEST(AckReader, RefusesWhatIsNone) {
  for (const char* line : {"healthy endpoint disconnect\n",
                           "{}\n",
                           "[1]\n",
                           "{\"next\": 1}\n",
                           "{\"have\": 1}\n",
                           "{\"have\": {}}\n",
                           "{\"have\": [1]}\n",
                           "{\"have\": [[1]]}\n",
                           "{\"have\": [[1,2,3]]}\n",
                           "{\"have\": [[-1,2]]}\n",
                           "{\"have\": [[0,1.5]]}\n",
                           "{\"have\": [[\"0\",1]]}\n",
                           "{\"have\": [[2,2]]}\n",
                           "{\"have\": [[3,2]]}\n",
                           "{\"have\": [[0,2],[2,3]]}\n",
                           "{\"have\": [[5,6],[0,2]]}\n",
                           "{\"have\": [[0,2],[1,3]]}\n",
                           "{\"have\": [[[0,1]]]}\n",
                           "{\"have\": [[0,1]}\n",
                           "{\"have\": [], \"close\": \"done\"}\n",
                           "{\"have\": [], \"close\": \"done\", \"status\": 7}\n",
                           "{\"have\": [], \"seq\": 9223372036854775808}\n",
                           "{\"have\": []} {\"have\": []}\n"}) {
    Told told;
    EXPECT_FALSE(told.read(line)) << line;
    EXPECT_TRUE(told.lines.empty()) << line;
  }
  EXPECT_FALSE(Told().read(std::string(AckReader::kMostLineBytes + 1, ' '))) << "endless";
  Told ended;
  EXPECT_TRUE(ended.read("{\"have\": [], \"close\": \"done\", \"status\": 200}\n"));
  EXPECT_FALSE(ended.read("{\"have\": []}\n")) << "after the last line";
}

}  // namespace
}  // namespace plotbridge::http
