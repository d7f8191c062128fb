// Concern: a payload of one number or one text reaches the line as it was sent, or says why not.
#include "plugin/decode/decoder_factory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::decode {
namespace {

struct Outcome {
  std::vector<Value::Kind> kinds;
  std::vector<std::string> texts;
  DecodeError error;
};

Outcome decode(DecodeType type, std::string_view payload,
               const std::vector<FieldPath>& fields = {FieldPath{}}) {
  DecodeSpec spec;
  spec.type = type;
  const auto decoder = make_decoder(spec, fields);
  Outcome outcome;
  const auto result = decoder->decode(payload, [&outcome](std::span<const Value> slots) {
    for (const Value& value : slots) {
      outcome.kinds.push_back(value.kind);
      outcome.texts.emplace_back(value.text);
    }
  });
  EXPECT_EQ(result.has_value(), !outcome.kinds.empty());
  if (!result) outcome.error = result.error();
  return outcome;
}

using Texts = std::vector<std::string>;
using Kinds = std::vector<Value::Kind>;

TEST(NumberDecoder, KeepsEveryDigit) {
  for (const std::string text : {"0", "2.50", "-0", "18446744073709551615", "1E-05", "1e999",
                                 "0.1000000000000000055511151231257827"}) {
    const Outcome outcome = decode(DecodeType::kNumber, text);
    EXPECT_EQ(outcome.texts, Texts{text});
    EXPECT_EQ(outcome.kinds, Kinds{Value::Kind::kNumber});
  }
}

TEST(NumberDecoder, IgnoresWhiteSpaceAroundTheNumber) {
  EXPECT_EQ(decode(DecodeType::kNumber, " \t\r\n23.50\r\n").texts, Texts{"23.50"});
}

TEST(NumberDecoder, WhatJsonDoesNotCallANumberIsAnError) {
  for (const std::string_view payload :
       {"NaN", "inf", "+1", ".5", "1.", "01", "0x10", "1,5", "23.5 C", "\"1\"", "true", "1 2"}) {
    const Outcome outcome = decode(DecodeType::kNumber, payload);
    EXPECT_EQ(outcome.error.kind, "not_a_number") << payload;
  }
}

TEST(NumberDecoder, TheErrorSaysWhereAndWhatThereIs) {
  const Outcome outcome = decode(DecodeType::kNumber, "  23.5 C");
  EXPECT_EQ(outcome.error.message,
            "expected a JSON number such as -12.5 or 3e8 at byte 2, found \"23.5 C\"");
  EXPECT_EQ(outcome.error.offset, 2U);
}

TEST(NumberDecoder, TheErrorOfAnEmptyPayloadSaysSo) {
  for (const std::string_view payload : {"", " ", "\r\n"}) {
    const Outcome outcome = decode(DecodeType::kNumber, payload);
    EXPECT_EQ(outcome.error.kind, "empty");
    EXPECT_EQ(outcome.error.message, "expected a number, but the payload is empty");
  }
}

TEST(NumberDecoder, TheErrorOfABinaryPayloadIsShortAndSafe) {
  const std::string payload = std::string("\x1b[2J\0\xFF\n", 7) + std::string(100'000, 'x');
  const std::string message = decode(DecodeType::kNumber, payload).error.message;
  EXPECT_NE(message.find("found \"\\x1b[2J\\x00\\xff\\x0axxx"), std::string::npos) << message;
  EXPECT_LT(message.size(), 200U);
  for (const char c : message) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(NumberDecoder, OnlyTheWholeValueIsAField) {
  const Outcome outcome =
      decode(DecodeType::kNumber, "7", {*FieldPath::parse("a"), FieldPath{}, FieldPath{}});
  EXPECT_EQ(outcome.kinds,
            (Kinds{Value::Kind::kMissing, Value::Kind::kNumber, Value::Kind::kNumber}));
}

TEST(TextDecoder, TakesAnyBytesAsTheyAre) {
  for (const std::string& payload :
       {std::string("on"), std::string(), std::string(" a\nb "), std::string("\0\xFF", 2)}) {
    const Outcome outcome = decode(DecodeType::kText, payload);
    EXPECT_EQ(outcome.texts, Texts{payload});
    EXPECT_EQ(outcome.kinds, Kinds{Value::Kind::kText});
  }
}

}  // namespace
}  // namespace plotbridge::decode
