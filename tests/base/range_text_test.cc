// Concern: ranges are read as they are written and in no other form.
#include "plugin/base/range_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge {
namespace {

using Ranges = std::vector<OffsetRange>;

TEST(RangeText, IsReadAsItIsWritten) {
  for (const Ranges& ranges : {Ranges{}, Ranges{{0, 1}}, Ranges{{0, 5}, {7, 9}},
                               Ranges{{kOffsetsEnd - 1, kOffsetsEnd}}, Ranges{{0, kOffsetsEnd}}}) {
    EXPECT_EQ(read_ranges(to_text(ranges), ranges.size()), ranges);
  }
  EXPECT_EQ(to_text(Ranges{{0, 5}, {7, 9}}), "0-5,7-9");
  EXPECT_EQ(to_text(Ranges{}), "");
}

TEST(RangeText, HasTheLowestThatFit) {
  const Ranges ranges{{0, 5}, {7, 9}, {100, 200}};
  EXPECT_EQ(to_text(ranges, 15), "0-5,7-9,100-200");
  EXPECT_EQ(to_text(ranges, 14), "0-5,7-9");
  EXPECT_EQ(to_text(ranges, 7), "0-5,7-9");
  EXPECT_EQ(to_text(ranges, 6), "0-5");
  EXPECT_EQ(to_text(ranges, 2), "");
}

TEST(RangeText, IsReadInNoOtherForm) {
  EXPECT_FALSE(read_ranges("0-5,7-9", 1)) << "too many";
  for (const char* const text : {"0",
                                 "0-",
                                 "-5",
                                 "5-5",
                                 "5-4",
                                 "0-5,",
                                 ",0-5",
                                 "0-5,,7-9",
                                 "0-5,5-9",
                                 "0-5,4-9",
                                 "7-9,0-5",
                                 " 0-5",
                                 "0-5 ",
                                 "0-5, 7-9",
                                 "00-5",
                                 "0-05",
                                 "+0-5",
                                 "0--5",
                                 "a-b",
                                 "0-5;7-9",
                                 "0-9223372036854775808",
                                 "0-99999999999999999999",
                                 "0-5-9"}) {
    EXPECT_FALSE(read_ranges(text, 10)) << text;
  }
}

}  // namespace
}  // namespace plotbridge
