// Concern: exactly the documents of RFC 8259 are taken, in whatever state they arrive, and an error
// says where and what was expected. nlohmann::json is the second opinion.
#include "plugin/base/json_scan.h"

#include "plugin/base/utf8.h"

#include "tests/support/random_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace plotbridge {
namespace {

bool accepts(std::string_view text) {
  JsonScanner scanner(text);
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return true;
    if (token == JsonToken::kError) return false;
  }
}

/// "BYTE expected WHAT" of the first error.
std::string error_of(std::string_view text) {
  JsonScanner scanner(text);
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return "none";
    if (token == JsonToken::kError) {
      return std::to_string(scanner.offset()) + " " + std::string(scanner.expected());
    }
  }
}

std::string unescaped(std::string_view raw) {
  std::string out;
  append_json_unescaped(raw, out);
  return out;
}

/// Why nlohmann refuses a text, empty when it does not.
std::string nlohmann_says(const std::string& text) {
  try {
    return nlohmann::json::parse(text).is_discarded() ? "discarded" : "";
  } catch (const nlohmann::json::exception& e) {
    return e.what();
  }
}

TEST(JsonNumber, TakesEveryFormOfTheStandard) {
  for (const std::string_view good :
       {"0", "-0", "7", "42", "-1", "0.0", "2.50", "1e5", "1E5", "1e+5", "1e-05", "0e0", "-12.5e-3",
        "18446744073709551616", "1e999999"}) {
    EXPECT_TRUE(is_json_number(good)) << good;
  }
}

TEST(JsonNumber, RefusesWhatOtherReadersLetPass) {
  for (const std::string_view bad :
       {"",    "-",   "+1",  ".5",       "1.",  "01", "-01", "1e",    "1e+",   "1.e5", "0x10",
        "NaN", "nan", "inf", "Infinity", "1,5", "1 ", " 1",  "1_000", "1.2.3", "--1",  "1e5.0"}) {
    EXPECT_FALSE(is_json_number(bad)) << bad;
  }
}

TEST(JsonScanner, GivesTokensWithRawSlicesAndPlaces) {
  JsonScanner scanner(R"( {"a" : [1.50, "x\n"], "b":{}} )");
  const auto expect = [&scanner](JsonToken token, std::string_view raw, std::size_t offset) {
    EXPECT_EQ(scanner.next(), token);
    EXPECT_EQ(scanner.raw(), raw);
    EXPECT_EQ(scanner.offset(), offset);
  };
  expect(JsonToken::kObjectBegin, "{", 1);
  expect(JsonToken::kKey, "a", 2);
  EXPECT_FALSE(scanner.escaped());
  expect(JsonToken::kArrayBegin, "[", 8);
  EXPECT_EQ(scanner.depth(), 2U);
  expect(JsonToken::kNumber, "1.50", 9);
  EXPECT_EQ(scanner.end_offset(), 13U);
  expect(JsonToken::kString, "x\\n", 15);
  EXPECT_TRUE(scanner.escaped());
  expect(JsonToken::kArrayEnd, "]", 20);
  expect(JsonToken::kKey, "b", 23);
  expect(JsonToken::kObjectBegin, "{", 27);
  expect(JsonToken::kObjectEnd, "}", 28);
  expect(JsonToken::kObjectEnd, "}", 29);
  EXPECT_EQ(scanner.next(), JsonToken::kEnd);
  EXPECT_EQ(scanner.next(), JsonToken::kEnd);
}

TEST(JsonScanner, AnErrorSaysWhereAndWhatWasExpected) {
  EXPECT_EQ(error_of(""), "0 a value");
  EXPECT_EQ(error_of(R"({"a":1,"b":nul})"), "11 a value");
  EXPECT_EQ(error_of(R"({"a":01})"), "6 a comma or }");
  EXPECT_EQ(error_of(R"({"a":1,})"), "7 a key in quotes");
  EXPECT_EQ(error_of("{a:1}"), "1 a key in quotes or }");
  EXPECT_EQ(error_of(R"({"a" 1})"), "5 a colon");
  EXPECT_EQ(error_of("[1,]"), "3 a value");
  EXPECT_EQ(error_of("[1 2]"), "3 a comma or ]");
  EXPECT_EQ(error_of("[1]]"), "3 the end of the document");
  EXPECT_EQ(error_of("-"), "1 a digit");
  EXPECT_EQ(error_of("\"abc"), "4 a closing quote");
  EXPECT_EQ(error_of("\"a\nb\""), "2 no control character inside a string");
  EXPECT_EQ(error_of(R"("\x")"), "2 one of \"\\/bfnrtu after the backslash");
  EXPECT_EQ(error_of(R"("\u12G4")"), "5 four hexadecimal digits after \\u");
}

TEST(JsonScanner, AnErrorStays) {
  JsonScanner scanner("[nope");
  EXPECT_EQ(scanner.next(), JsonToken::kArrayBegin);
  EXPECT_EQ(scanner.next(), JsonToken::kError);
  EXPECT_EQ(scanner.next(), JsonToken::kError);
  EXPECT_EQ(scanner.offset(), 1U);
}

TEST(JsonScanner, SixtyFourLevelsAreTakenAndNoMore) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(accepts(nested(64)));
  EXPECT_EQ(error_of(nested(65)), "64 at most 64 levels of objects and arrays");
  EXPECT_EQ(error_of(std::string(1'000'000, '[')), "64 at most 64 levels of objects and arrays");
}

TEST(JsonScanner, RemembersAtEveryDepthWhetherItIsInAnObject) {
  std::string open;
  std::string close;
  for (int i = 0; i < 32; ++i) {
    open += R"([{"a":)";
    close = "}]" + close;
  }
  EXPECT_TRUE(accepts(open + "1" + close));
  close[40] = close[40] == '}' ? ']' : '}';
  EXPECT_FALSE(accepts(open + "1" + close));
}

TEST(JsonScanner, ADocumentCutAnywhereIsAnErrorAtItsEnd) {
  const std::string whole = R"({"a":[true,false,null],"b":"x\u00e9\"y","c":-1.5e+3,"d":{"e":{}}})";
  ASSERT_TRUE(accepts(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(accepts(whole.substr(0, size))) << size;
  }
}

TEST(JsonScanner, FindsTheEndOfAStringAtEveryPlaceOfAWord) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text = std::string(size, '\xC3');
    JsonScanner scanner(text);
    const std::string quoted = "\"" + text + "\"";
    JsonScanner strings(quoted);
    EXPECT_EQ(strings.next(), JsonToken::kString);
    EXPECT_EQ(strings.raw(), text);
    EXPECT_EQ(strings.next(), JsonToken::kEnd);
    EXPECT_FALSE(accepts("\"" + text + "\x1f\""));
    EXPECT_TRUE(accepts("\"" + text + "\x7f\""));
  }
}

TEST(JsonUnescape, ReadsEveryEscape) {
  EXPECT_EQ(unescaped("plain"), "plain");
  EXPECT_EQ(unescaped(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(unescaped(R"(a\u0041\u00e9\u20AC\ud83d\ude00z)"),
            "aA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
  EXPECT_EQ(unescaped(R"(\u0000)"), std::string(1, '\0'));
}

TEST(JsonUnescape, HalfASurrogatePairBecomesTheReplacementCharacter) {
  const std::string fffd(kReplacementCharacter);
  EXPECT_EQ(unescaped(R"(\ud83d)"), fffd);
  EXPECT_EQ(unescaped(R"(\ude00)"), fffd);
  EXPECT_EQ(unescaped(R"(\ud83dx)"), fffd + "x");
  EXPECT_EQ(unescaped(R"(\ud83d\n)"), fffd + "\n");
  EXPECT_EQ(unescaped(R"(\ud83d\u0041)"), fffd + "A");
  EXPECT_EQ(unescaped(R"(\ud83d\ud83d\ude00)"), fffd + "\xF0\x9F\x98\x80");
}

TEST(JsonScanner, AgreesWithASecondReaderOnRandomAndDamagedDocuments) {
  test::RandomJson random(20261123);
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string text = random.document();
    if (i % 4 != 0) text = random.damaged(text);
    std::string repaired;
    append_valid_utf8(text, repaired);  // we leave UTF-8 to others, nlohmann does not
    const bool ours = accepts(text);
    const std::string theirs = nlohmann_says(repaired);
    if (ours && !theirs.empty()) {
      // It also refuses half a surrogate pair and numbers that no double holds; to us both are
      // JSON.
      EXPECT_TRUE(theirs.find("surrogate") != std::string::npos ||
                  theirs.find("number overflow") != std::string::npos)
          << text << "\n"
          << theirs;
    } else {
      EXPECT_EQ(ours, theirs.empty()) << text << "\n" << error_of(text) << "\n" << theirs;
    }
    ++(ours ? taken : refused);
  }
  EXPECT_GT(taken, 10'000U);
  EXPECT_GT(refused, 10'000U);
}

TEST(JsonScanner, ReadsTheSameTextsAsASecondReader) {
  test::RandomJson random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random.document(0);
    JsonScanner scanner(text);
    if (scanner.next() != JsonToken::kString) continue;
    EXPECT_EQ(unescaped(scanner.raw()), nlohmann::json::parse(text).get<std::string>()) << text;
  }
}

}  // namespace
}  // namespace plotbridge
