// Concern: what is called valid UTF-8 is valid, and what is not is replaced as Unicode recommends.
#include "plugin/base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace plotbridge {
namespace {

std::string repaired(std::string_view text) {
  std::string out;
  append_valid_utf8(text, out);
  return out;
}

const std::string kFffd(kReplacementCharacter);

TEST(Utf8, EveryCodePointIsValidAsWritten) {
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    std::string text;
    append_code_point(code_point, text);
    ASSERT_TRUE(is_valid_utf8(text)) << code_point;
    ASSERT_EQ(first_utf8_unit(text).size, text.size()) << code_point;
  }
}

TEST(Utf8, SurrogatesAndNumbersPastTheEndAreWrittenAsReplacement) {
  for (const std::uint32_t code_point : {0xD800U, 0xDFFFU, 0x110000U, 0xFFFFFFFFU}) {
    std::string text;
    append_code_point(code_point, text);
    EXPECT_EQ(text, kFffd);
  }
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndNumbersPastTheEnd) {
  for (const std::string_view bad : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                                     "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                                     "\xFF", "\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(is_valid_utf8(bad)) << repaired(bad);
    EXPECT_TRUE(is_valid_utf8(repaired(bad)));
  }
}

TEST(Utf8, ReplacesOneMaximalSubpartByOneCharacter) {
  EXPECT_EQ(repaired("a\xE2\x82z"), "a" + kFffd + "z");
  EXPECT_EQ(repaired("\xE0\x80\x80"), kFffd + kFffd + kFffd);
  EXPECT_EQ(repaired("\xF0\x9F\x98"), kFffd);
  EXPECT_EQ(repaired("\xF0\x9F\x98\xC3\xA9"), kFffd + "\xC3\xA9");
  // The example of the Unicode standard, table 3-8.
  EXPECT_EQ(repaired("a\xF1\x80\x80\xE1\x80\xC2"
                     "b\x80"
                     "c\x80\xBF"
                     "d"),
            "a" + kFffd + kFffd + kFffd + "b" + kFffd + "c" + kFffd + kFffd + "d");
}

TEST(Utf8, FindsABadByteAtEveryPlaceOfALongText) {
  const std::string good(40, 'x');
  EXPECT_TRUE(is_valid_utf8(good));
  EXPECT_EQ(repaired(good), good);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '\xB0';
    EXPECT_FALSE(is_valid_utf8(bad)) << at;
    EXPECT_EQ(repaired(bad), good.substr(0, at) + kFffd + good.substr(at + 1)) << at;
  }
}

}  // namespace
}  // namespace plotbridge
