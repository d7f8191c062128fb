// Concern: the fields of a route are found wherever they stand in a document, digit for digit, and
// a document that is not JSON gives nothing but a helpful error. nlohmann::json is the second
// opinion.
#include "plugin/decode/json_decoder.h"

#include "tests/support/random_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace plotbridge::decode {
namespace {

struct Field {
  Value::Kind kind;
  std::string text;
  bool operator==(const Field&) const = default;
};

void PrintTo(const Field& field, std::ostream* out) {
  *out << "kind " << static_cast<int>(field.kind) << " text " << field.text;
}

Field missing() { return {Value::Kind::kMissing, ""}; }
Field null() { return {Value::Kind::kNull, ""}; }
Field number(std::string text) { return {Value::Kind::kNumber, std::move(text)}; }
Field text(std::string text) { return {Value::Kind::kText, std::move(text)}; }
Field json(std::string text) { return {Value::Kind::kJson, std::move(text)}; }

using Fields = std::vector<Field>;

std::vector<FieldPath> paths(const std::vector<std::string>& texts) {
  std::vector<FieldPath> parsed;
  for (const std::string& path : texts) {
    parsed.push_back(path.empty() ? FieldPath{} : FieldPath::parse(path).value());
  }
  return parsed;
}

/// The fields of a document, or nothing and the error.
std::optional<Fields> decode(Decoder& decoder, std::string_view payload,
                             DecodeError* error = nullptr) {
  std::optional<Fields> fields;
  const auto result = decoder.decode(payload, [&fields](std::span<const Value> slots) {
    EXPECT_FALSE(fields.has_value()) << "one document is one sample";
    fields.emplace();
    for (const Value& value : slots) fields->push_back({value.kind, std::string(value.text)});
  });
  EXPECT_EQ(result.has_value(), fields.has_value());
  if (!result && error != nullptr) *error = result.error();
  return fields;
}

Fields decode(const std::vector<std::string>& fields, std::string_view payload) {
  JsonDecoder decoder(paths(fields));
  DecodeError error;
  const auto found = decode(decoder, payload, &error);
  EXPECT_TRUE(found.has_value()) << payload << ": " << error.message;
  return found.value_or(Fields{});
}

DecodeError error_of(std::string_view payload) {
  JsonDecoder decoder(paths({"a"}));
  DecodeError error;
  EXPECT_FALSE(decode(decoder, payload, &error).has_value()) << payload;
  return error;
}

TEST(JsonDecoder, FindsFieldsByPathAndIndex) {
  EXPECT_EQ(decode({"motor.windings[2].temp", "ok", "motor.name", "list[0]"},
                   R"({"motor":{"windings":[{"temp":1},{"temp":2},{"temp":3.50}],"name":"M1"},
                       "list":[7],"ok":true})"),
            (Fields{number("3.50"), json("true"), text("M1"), number("7")}));
}

TEST(JsonDecoder, EveryKindOfValueKeepsItsKind) {
  EXPECT_EQ(decode({"n", "s", "t", "f", "z", "o", "a"},
                   R"({"n":-0.0,"s":"x","t":true,"f":false,"z":null,"o":{ "b":1 },"a":[1, 2]})"),
            (Fields{number("-0.0"), text("x"), json("true"), json("false"), null(),
                    json(R"({ "b":1 })"), json("[1, 2]")}));
}

TEST(JsonDecoder, WhatIsNotThereIsMissing) {
  EXPECT_EQ(decode({"a.b", "a[0]", "c", "d[2]", "d.x", "e.f"}, R"({"a":1,"d":[0,1],"e":{"f2":1}})"),
            Fields(6, missing()));
}

TEST(JsonDecoder, TheWholeDocumentIsAField) {
  EXPECT_EQ(decode({""}, " {\"a\": 1}\n"), Fields{json("{\"a\": 1}")});
  EXPECT_EQ(decode({""}, "[1]"), Fields{json("[1]")});
  EXPECT_EQ(decode({""}, " 2.50 "), Fields{number("2.50")});
  EXPECT_EQ(decode({""}, "\"a\\nb\""), Fields{text("a\nb")});
  EXPECT_EQ(decode({""}, "null"), Fields{null()});
}

TEST(JsonDecoder, AnObjectAndItsPartCanBothBeFields) {
  EXPECT_EQ(decode({"a.b", "a", "", "a.b"}, R"({"a":{"b":1}})"),
            (Fields{number("1"), json(R"({"b":1})"), json(R"({"a":{"b":1}})"), number("1")}));
}

TEST(JsonDecoder, AnArrayAtTheTopIsReadByIndex) {
  EXPECT_EQ(decode({"[1]", "[0].t", "[3]"}, R"([{"t":5},6,7])"),
            (Fields{number("6"), number("5"), missing()}));
}

TEST(JsonDecoder, TextsAreUnescaped) {
  EXPECT_EQ(decode({"a", "b", "c"}, R"({"a":"x\"\\\n","b":"\u00e9\ud83d\ude00","c":"\ud800"})"),
            (Fields{text("x\"\\\n"), text("\xC3\xA9\xF0\x9F\x98\x80"), text("\xEF\xBF\xBD")}));
}

TEST(JsonDecoder, ManyUnescapedTextsStayApart) {
  std::vector<std::string> names;
  std::string document = "{";
  Fields expected;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "f" + std::to_string(i);
    names.push_back(name);
    document += (i == 0 ? "\"" : ",\"") + name + R"(":"\t)" + name + R"( and some more\n")";
    expected.push_back(text("\t" + name + " and some more\n"));
  }
  EXPECT_EQ(decode(names, document + "}"), expected);
}

TEST(JsonDecoder, AnEscapedKeyIsTheKeyItStandsFor) {
  EXPECT_EQ(decode({"temp", "caf\xC3\xA9"}, R"({"\u0074emp":1,"caf\u00e9":2})"),
            (Fields{number("1"), number("2")}));
}

TEST(JsonDecoder, OfADoubledKeyTheLastCounts) {
  EXPECT_EQ(decode({"a"}, R"({"a":1,"a":2})"), Fields{number("2")});
  EXPECT_EQ(decode({"a.b", "a.c"}, R"({"a":{"b":1,"c":2},"a":{"b":3}})"),
            (Fields{number("3"), missing()}));
  EXPECT_EQ(decode({"a.b", "a"}, R"({"a":{"b":1},"a":7})"), (Fields{missing(), number("7")}));
}

TEST(JsonDecoder, NothingOfTheDocumentBeforeIsLeft) {
  JsonDecoder decoder(paths({"a", "b"}));
  EXPECT_EQ(*decode(decoder, R"({"a":"\n","b":2})"), (Fields{text("\n"), number("2")}));
  EXPECT_EQ(*decode(decoder, R"({"a":1)"
                             "}"),
            (Fields{number("1"), missing()}));
  EXPECT_FALSE(decode(decoder, R"({"b":5,)").has_value());
  EXPECT_EQ(*decode(decoder, "{}"), (Fields{missing(), missing()}));
}

TEST(JsonDecoder, AByteOrderMarkIsSkipped) {
  EXPECT_EQ(decode({"a"}, "\xEF\xBB\xBF{\"a\":1}"), Fields{number("1")});
  EXPECT_EQ(error_of("\xEF\xBB\xBF{x").offset, 4U);
}

TEST(JsonDecoder, TheErrorSaysWhereWhatWasExpectedAndWhatThereIs) {
  const DecodeError error = error_of(R"({"a":1,"b":nul})");
  EXPECT_EQ(error.kind, "json");
  EXPECT_EQ(error.message, "not JSON: expected a value at byte 11, found \"nul}\"");
  EXPECT_EQ(error.offset, 11U);
  EXPECT_EQ(error_of(R"({"a":1)").message,
            "not JSON: expected a comma or } at byte 6, found the end");
}

TEST(JsonDecoder, TheErrorOfAnEmptyPayloadSaysSo) {
  EXPECT_EQ(error_of("").kind, "empty");
  EXPECT_EQ(error_of("").message, "expected a JSON document, but the payload is empty");
}

TEST(JsonDecoder, ADocumentThatIsWrongWhereNobodyLooksIsAnError) {
  for (const std::string_view bad : {R"({"a":1,"b":01})", R"({"a":1,"b":NaN})", R"({"a":1} x)",
                                     R"({"a":1,})", R"({"a":1}{"a":2})", R"({"a":1,"b":"\x"})"}) {
    EXPECT_EQ(error_of(bad).kind, "json") << bad;
  }
}

TEST(JsonDecoder, ADocumentCutAtAnyByteIsAnError) {
  const std::string whole = R"({"a":{"b":[1.5,"\u00e9"]},"c":true})";
  JsonDecoder decoder(paths({"a.b[1]", "c"}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode(decoder, whole.substr(0, size)).has_value()) << size;
  }
  EXPECT_EQ(*decode(decoder, whole), (Fields{text("\xC3\xA9"), json("true")}));
}

TEST(JsonDecoder, AMillionOpenBracketsAreAnErrorAndNoCrash) {
  EXPECT_EQ(error_of(std::string(1'000'000, '[')).offset, 56U);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_NE(error_of(objects).message.find("at most 56 levels"), std::string::npos);
}

/// What nlohmann finds at a path; nullptr when nothing.
const nlohmann::json* find(const nlohmann::json& document, const FieldPath& path) {
  const nlohmann::json* at = &document;
  for (const FieldPath::Step& step : path.steps) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!at->is_object() || !at->contains(*name)) return nullptr;
      at = &(*at)[*name];
    } else {
      if (!at->is_array() || at->size() <= std::get<std::size_t>(step)) return nullptr;
      at = &(*at)[std::get<std::size_t>(step)];
    }
  }
  return at;
}

TEST(JsonDecoder, FindsTheSameAsASecondReaderInRandomDocuments) {
  test::RandomJson random(99);
  const auto fields = paths({"", "a", "b", "c", "a.a", "a.b", "b.c", "a[0]", "a[1].b", "[0]",
                             "[1].a", "[2][0]", "c.a.b", "b[0][1]"});
  JsonDecoder decoder(fields);
  std::size_t found = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string document = random.document();
    const auto values = decode(decoder, document);
    ASSERT_TRUE(values.has_value()) << document;
    const auto parsed = nlohmann::json::parse(document);
    for (std::size_t f = 1; f < fields.size(); ++f) {
      const nlohmann::json* expected = find(parsed, fields[f]);
      const Field& value = (*values)[f];
      ASSERT_EQ(value.kind == Value::Kind::kMissing, expected == nullptr) << document;
      if (expected == nullptr) continue;
      ++found;
      if (value.kind == Value::Kind::kText) {
        ASSERT_EQ(*expected, value.text) << document;
      } else if (value.kind == Value::Kind::kNull) {
        ASSERT_TRUE(expected->is_null()) << document;
      } else {
        ASSERT_EQ(*expected, nlohmann::json::parse(value.text)) << document;
      }
    }
  }
  EXPECT_GT(found, 5'000U);
}

}  // namespace
}  // namespace plotbridge::decode
