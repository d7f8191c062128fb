// Concern: numbers are found at their bytes whatever their type and order; a payload that is too
// short says which field it lacks.
#include "tests/decode/samples.h"

#include <gtest/gtest.h>

using namespace std::string_view_literals;

namespace plotbridge::decode {
namespace {

using Type = BinaryField::Type;

BinaryField field(std::string name, Type type, std::size_t at, std::size_t size) {
  BinaryField result;
  result.name = std::move(name);
  result.type = type;
  result.at = at;
  result.size = size;
  return result;
}

DecodeSpec binary(std::vector<BinaryField> fields, Endian endian = Endian::kLittle) {
  DecodeSpec spec;
  spec.type = DecodeType::kBinary;
  spec.fields = std::move(fields);
  spec.endian = endian;
  return spec;
}

std::string one(Type type, std::size_t size, Endian endian, std::string_view payload) {
  const Decoded decoded = run(binary({field("v", type, 0, size)}, endian), {"$value"}, payload);
  return decoded.samples.size() == 1 ? decoded.samples[0] : decoded.error.message;
}

TEST(BinaryDecoder, EveryTypeInBothOrders) {
  struct Case {
    Type type;
    std::size_t size;
    std::string_view little;
    std::string expected;
  };
  const Case cases[] = {
      {Type::kUnsigned, 1, "\xFF"sv, "255"},
      {Type::kSigned, 1, "\xFF"sv, "-1"},
      {Type::kUnsigned, 2, "\x34\x12"sv, "4660"},
      {Type::kSigned, 2, "\xA9\xFF"sv, "-87"},
      {Type::kUnsigned, 4, "\xFF\xFF\xFF\xFF"sv, "4294967295"},
      {Type::kSigned, 4, "\x00\x00\x00\x80"sv, "-2147483648"},
      {Type::kUnsigned, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv, "18446744073709551615"},
      {Type::kSigned, 8, "\x00\x00\x00\x00\x00\x00\x00\x80"sv, "-9223372036854775808"},
      {Type::kFloat, 4, "\xA4\x70\x9D\x3F"sv, "1.23"},
      {Type::kFloat, 8, "\xAE\x47\xE1\x7A\x14\xAE\xF3\x3F"sv, "1.23"},
      {Type::kFloat, 4, "\x00\x00\xC0\x7F"sv, "null"},
      {Type::kFloat, 8, "\x00\x00\x00\x00\x00\x00\xF0\xFF"sv, "null"},
      {Type::kFloat, 4, "\x00\x00\x00\x80"sv, "0"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(one(c.type, c.size, Endian::kLittle, c.little), c.expected);
    const std::string big(c.little.rbegin(), c.little.rend());
    EXPECT_EQ(one(c.type, c.size, Endian::kBig, big), c.expected);
  }
}

TEST(BinaryDecoder, FieldsStandAtTheirPlacesAndTheRestIsNotLookedAt) {
  const DecodeSpec spec =
      binary({field("a", Type::kUnsigned, 1, 1), field("b", Type::kSigned, 2, 2)});
  EXPECT_EQ(run(spec, {"b", "a"}, "\x09\x07\xFE\xFFmore"sv).samples, (Samples{"-2 | 7"}));
}

TEST(BinaryDecoder, ScaleAndOffsetGiveDecimals) {
  BinaryField temperature = field("t", Type::kSigned, 0, 2);
  temperature.scale = 0.1;
  temperature.offset = -40;
  EXPECT_EQ(run(binary({temperature}), {"t"}, "\xAB\x0A"sv).samples, (Samples{"233.1"}));
}

TEST(BinaryDecoder, BitsAreAnArrayAnIndexOfItOrANumberOfSome) {
  BinaryField all = field("flags", Type::kBits, 0, 1);
  BinaryField some = field("mode", Type::kBits, 0, 1);
  some.low_bit = 4;
  some.bits = 3;
  // 0b1101'0010
  EXPECT_EQ(run(binary({all, some}), {"flags", "flags[1]", "flags[0]", "mode"}, "\xD2").samples,
            (Samples{"[0,1,0,0,1,0,1,1] | 1 | 0 | 5"}));
}

TEST(BinaryDecoder, TooShortAtEveryByteNamesTheLastField) {
  const DecodeSpec spec =
      binary({field("status", Type::kUnsigned, 6, 2), field("t", Type::kFloat, 0, 4)});
  const std::string payload(8, '\0');
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const Decoded decoded = run(spec, {"t"}, payload.substr(0, size));
    EXPECT_EQ(decoded.samples, Samples{});
    EXPECT_EQ(decoded.error.kind, "too_short");
    EXPECT_EQ(decoded.error.offset, size);
    EXPECT_EQ(decoded.error.message,
              "expected 8 bytes, up to the end of field `status`, but the payload has " +
                  std::to_string(size));
  }
  EXPECT_EQ(run(spec, {"t"}, payload).samples, (Samples{"0"}));
}

}  // namespace
}  // namespace plotbridge::decode
