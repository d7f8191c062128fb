// Concern: whatever goes in, strict JSON in valid UTF-8 without a raw newline comes out; numbers
// keep their digits. nlohmann::json is the second opinion.
#include "plugin/encode/json_writer.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"

#include "tests/support/random_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace plotbridge::encode {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

std::string compact(std::string_view json) {
  std::string out;
  EXPECT_TRUE(append_compact_json(json, out)) << json;
  return out;
}

std::vector<std::string> numbers_of(std::string_view json) {
  std::vector<std::string> numbers;
  JsonScanner scanner(json);
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd || token == JsonToken::kError) return numbers;
    if (token == JsonToken::kNumber) numbers.emplace_back(scanner.raw());
  }
}

TEST(JsonString, EscapesQuotesBackslashesAndControlsAndNothingElse) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_string(std::string("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(json_string("\x7f<>&'"), "\"\x7f<>&'\"");
  EXPECT_EQ(json_string("23 \xC2\xB0"
                        "C \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "\"23 \xC2\xB0"
            "C \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

TEST(JsonString, BadBytesBecomeTheReplacementCharacter) {
  EXPECT_EQ(json_string("23 \xB0"
                        "C"),
            "\"23 \xEF\xBF\xBD"
            "C\"");
  EXPECT_EQ(json_string("\xE2\x82"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonString, FindsASpecialByteAtEveryPlaceOfALongText) {
  for (const std::string special : {"\"", "\\", "\n", "\x1f", "\x80", "\xFF"}) {
    for (std::size_t at = 0; at < 24; ++at) {
      std::string text(24, 'x');
      text.replace(at, 1, special);
      std::string repaired;
      append_valid_utf8(text, repaired);
      EXPECT_EQ(nlohmann::json::parse(json_string(text)).get<std::string>(), repaired) << at;
    }
  }
}

TEST(JsonString, RandomBytesAlwaysGiveOneStrictString) {
  test::RandomJson random(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::string bytes = random.bytes(40);
    const std::string json = json_string(bytes);
    std::string repaired;
    append_valid_utf8(bytes, repaired);
    ASSERT_EQ(nlohmann::json::parse(json).get<std::string>(), repaired);
    ASSERT_EQ(json.find('\n'), std::string::npos);
  }
}

TEST(CompactJson, TakesOutWhiteSpaceOutsideStrings) {
  EXPECT_EQ(compact(" { \"a b\" :\n[ 1 ,\t2 , { } , [ ] ] ,\r\n\"c\" : null } "),
            R"({"a b":[1,2,{},[]],"c":null})");
}

TEST(CompactJson, KeepsNumbersDigitForDigit) {
  EXPECT_EQ(compact("[2.50, 1E-05, -0, 18446744073709551616, 1e999]"),
            "[2.50,1E-05,-0,18446744073709551616,1e999]");
}

TEST(CompactJson, StringsAreEscapedByOneRule) {
  EXPECT_EQ(compact(R"({"\u0061\/": "\u00e9\ud83d\ude00\u000a\u007f"})"),
            "{\"a/\":\"\xC3\xA9\xF0\x9F\x98\x80\\n\x7f\"}");
  EXPECT_EQ(compact(R"(["\ud800"])"), "[\"\xEF\xBF\xBD\"]");
  EXPECT_EQ(compact("[\"\xFF\"]"), "[\"\xEF\xBF\xBD\"]");
}

TEST(CompactJson, OfWhatIsNotJsonNothingIsWritten) {
  std::string out = "before";
  for (const std::string_view bad : {"", "{", "[1,]", "nul", "1 2", "{\"a\":01}"}) {
    EXPECT_FALSE(append_compact_json(bad, out)) << bad;
    EXPECT_EQ(out, "before");
  }
}

TEST(CompactJson, ARandomDocumentStaysTheSameDocument) {
  test::RandomJson random(5);
  for (int i = 0; i < 10'000; ++i) {
    const std::string document = random.document();
    const std::string out = compact(document);
    ASSERT_EQ(nlohmann::ordered_json::parse(out), nlohmann::ordered_json::parse(document))
        << document;
    ASSERT_EQ(numbers_of(out), numbers_of(document));
    ASSERT_EQ(compact(out), out);
    ASSERT_EQ(out.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace plotbridge::encode
