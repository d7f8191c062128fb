// Concern: whatever a payload holds, decoding it and writing its lines takes a bounded amount of
// memory, which is given back, and no more points than are allowed. The payloads are those that
// cost most for their size; what is unpacked by zlib or zstd (at most 16 MiB) comes on top.
#include "plugin/decode/decoder_factory.h"
#include "plugin/encode/line_encoder.h"

#include "tests/support/heap/allocations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kPayload = 4 * kMiB;
constexpr std::size_t kMostHeld = 32 * kMiB;
constexpr std::size_t kMostKept = 256 << 10;

std::string repeated(std::string_view unit, std::size_t bytes = kPayload) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  return text;
}

std::vector<FieldPath> paths(std::initializer_list<std::string_view> texts) {
  std::vector<FieldPath> result;
  for (const std::string_view text : texts) {
    result.push_back(text == "$value" ? FieldPath{} : FieldPath::parse(text).value());
  }
  return result;
}

/// Field `number` of a message with these bytes.
std::string field(unsigned number, std::string_view bytes) {
  std::string text;
  const auto varint = [&](std::size_t n) {
    for (; n > 0x7F; n >>= 7) text += static_cast<char>(n | 0x80);
    text += static_cast<char>(n);
  };
  varint(number << 3 | 2);
  varint(bytes.size());
  return text.append(bytes);
}

struct Cost {
  std::size_t held = 0;
  std::size_t kept = 0;
  std::size_t points = 0;
  std::size_t line_bytes = 0;
  std::string error;
};

/// What decoding `payload` and encoding its samples costs.
Cost cost_of(Decoder& decoder, std::size_t width, std::string_view payload) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < width; ++i) keys.push_back("k" + std::to_string(i));
  const encode::LineEncoder encoder(keys, TimeFormat::kPlotly);
  Cost cost;
  const std::size_t before = allocations_since_last_call().held;
  {
    std::string line;
    const auto decoded = decoder.decode(payload, [&](std::span<const Value> slots) {
      ++cost.points;
      line.clear();
      if (cost.points <= 20) cost.line_bytes += encoder.encode(slots, line).bytes.size();
    });
    if (!decoded) cost.error = decoded.error().kind;
  }
  const Allocations after = allocations_since_last_call();
  cost.held = after.most - before;
  cost.kept = after.held - std::min(before, after.held);
  return cost;
}

Cost cost_of(const DecodeSpec& spec, std::initializer_list<std::string_view> fields,
             std::string_view payload) {
  const auto decoder = make_decoder(spec, paths(fields));
  return cost_of(*decoder, fields.size(), payload);
}

void expect_bounded(const Cost& cost) {
  EXPECT_LE(cost.held, kMostHeld);
  EXPECT_LE(cost.kept, kMostKept);
  EXPECT_LE(cost.points, kDefaultMaxPoints);
  EXPECT_LE(cost.line_bytes, 20 * kMaxLineBytes);
}

DecodeSpec spec_of(DecodeType type) {
  DecodeSpec spec;
  spec.type = type;
  return spec;
}

TEST(DecoderBudget, TextOfControlCharactersDoesNotBecomeALineOfSixTimesItsSize) {
  const Cost cost = cost_of(spec_of(DecodeType::kText), {"$value"}, std::string(kPayload, '\x01'));
  expect_bounded(cost);
  EXPECT_EQ(cost.line_bytes, 0u);
}

TEST(DecoderBudget, TextOfBadBytesDoesNotBecomeALineOfThreeTimesItsSize) {
  expect_bounded(cost_of(spec_of(DecodeType::kText), {"$value"}, std::string(kPayload, '\xFF')));
  expect_bounded(
      cost_of(spec_of(DecodeType::kText), {"$value"}, std::string(kMaxLineBytes - 100, '\xFF')));
}

TEST(DecoderBudget, CsvRowsAreCountedBeforeTheFirstIsTaken) {
  DecodeSpec spec = spec_of(DecodeType::kCsv);
  spec.columns = {"v"};
  const Cost cost = cost_of(spec, {"v"}, repeated("1\n"));
  expect_bounded(cost);
  EXPECT_EQ(cost.error, "too_many_points");
  EXPECT_EQ(cost.points, 0u);
  EXPECT_EQ(cost_of(spec, {"v"}, repeated("1\n", 20'000)).points, 10'000u);
  spec.max_points = 3;
  EXPECT_EQ(cost_of(spec, {"v"}, "1\n2\n3\n").points, 3u);
  EXPECT_EQ(cost_of(spec, {"v"}, "1\n2\n3\n4\n").error, "too_many_points");
}

TEST(DecoderBudget, CellsOfOneRowAreNotKeptBeyondTheColumns) {
  DecodeSpec spec = spec_of(DecodeType::kCsv);
  spec.columns = {"v"};
  const Cost row = cost_of(spec, {"v"}, repeated(","));
  expect_bounded(row);
  EXPECT_EQ(row.error, "csv");
  spec.columns.clear();
  spec.header = true;
  const Cost header = cost_of(spec, {"v"}, repeated("v,"));
  expect_bounded(header);
  EXPECT_EQ(header.error, "csv");
  expect_bounded(cost_of(spec, {"v"}, "v\n\"" + repeated("\"\"") + "\""));
}

TEST(DecoderBudget, ElementsOfJsonAreCountedBeforeTheFirstIsTaken) {
  DecodeSpec spec = spec_of(DecodeType::kJson);
  spec.each = FieldPath{};
  const Cost cost = cost_of(spec, {"$value"}, "[" + repeated("0,") + "0]");
  expect_bounded(cost);
  EXPECT_EQ(cost.error, "too_many_points");
  EXPECT_EQ(cost.points, 0u);
  EXPECT_EQ(cost_of(spec, {"$value"}, "[" + repeated("0,", 2 * 9'999) + "0]").points, 10'000u);
}

TEST(DecoderBudget, EscapesOfJsonAreUnescapedUpToALimit) {
  const DecodeSpec spec = spec_of(DecodeType::kJson);
  const std::string zeros = repeated("\\u0000");
  expect_bounded(cost_of(spec, {"a"}, "{\"a\":\"" + zeros + "\"}"));
  expect_bounded(cost_of(spec, {"a"}, "{\"" + zeros + "\":1,\"a\":2}"));
  const std::string half(repeated("\\n", kMiB));
  const std::string several = "{\"a\":\"" + half + "\",\"b\":\"" + half + "\",\"c\":\"" + half +
                              "\",\"d\":\"" + half + "\"}";
  expect_bounded(cost_of(spec, {"a", "b", "c", "d"}, several));
  // What has no room is written all the same.
  const std::string whole = "{\"a\":\"" + repeated("\\n", 5 * kMiB / 2) + "\",\"b\":\"\\t\"}";
  EXPECT_GT(cost_of(spec, {"b"}, whole).line_bytes, 0u);
  const std::string parts = "{\"z\":\"" + repeated("\\n", kMiB * 3 / 2) + "\",\"a\":\"" +
                            repeated("\\n", kMiB * 3 / 4) + "\",\"b\":\"\\u00e9\"}";
  EXPECT_GT(cost_of(spec, {"a", "b"}, parts).line_bytes, kMiB * 3 / 4);
}

TEST(DecoderBudget, NumbersAndDepthStayBounded) {
  expect_bounded(cost_of(spec_of(DecodeType::kNumber), {"$value"}, std::string(kPayload, '1')));
  expect_bounded(cost_of(spec_of(DecodeType::kJson), {"$value"}, repeated("[")));
  expect_bounded(cost_of(spec_of(DecodeType::kJson), {"$value"}, "[" + repeated("0,") + "0]"));
}

constexpr const char* kProto = R"(syntax = "proto3";
message M {
  repeated uint32 samples = 1;
  repeated M inner = 2;
  map<string, int32> tags = 3;
  bytes raw = 4;
  string text = 5;
  M one = 6;
  repeated string names = 7;
}
)";

/// Of messages `M` of this .proto file.
std::unique_ptr<Decoder> proto_decoder(const std::string& proto,
                                       const std::vector<FieldPath>& fields,
                                       DecodeSpec spec = spec_of(DecodeType::kProtobuf)) {
  std::vector<ProtoFlaw> flaws;
  const auto schemas = ProtoSchemas::load(
      {{"p.proto", {}, {}}}, [&](const std::string&) { return std::optional(proto); }, flaws);
  EXPECT_TRUE(flaws.empty());
  spec.message = "M";
  return make_decoder(spec, fields, schemas);
}

Cost proto_cost(std::initializer_list<std::string_view> fields, std::string_view payload,
                std::string_view each = {}, bool delimited = false) {
  DecodeSpec spec = spec_of(DecodeType::kProtobuf);
  spec.delimited = delimited;
  if (!each.empty()) spec.each = FieldPath::parse(each).value();
  const auto decoder = proto_decoder(kProto, paths(fields), spec);
  return cost_of(*decoder, fields.size(), payload);
}

TEST(DecoderBudget, PackedValuesAreNotAllRemembered) {
  const std::string packed = field(1, std::string(kPayload, '\0'));
  const Cost one = proto_cost({"samples[0]"}, packed);
  expect_bounded(one);
  EXPECT_LE(one.held, 64U << 10);
  EXPECT_EQ(one.points, 1u);
  for (const std::string_view whole : {"samples", "$value"}) {
    const Cost cost = proto_cost({whole}, packed);
    expect_bounded(cost);
    EXPECT_EQ(cost.error, "too_large");
  }
  EXPECT_EQ(proto_cost({"samples"}, field(1, std::string(200'000, '\0'))).error, "");
}

TEST(DecoderBudget, RepeatedMessagesAndPiecesOfOneAreNotAllRemembered) {
  const std::string empties = repeated(field(2, ""));
  for (const std::string_view path : {"inner", "inner[0].text", "$value"}) {
    expect_bounded(proto_cost({path}, empties));
  }
  const std::string pieces = repeated(field(6, ""));
  for (const std::string_view path : {"one", "one.text", "$value"}) {
    expect_bounded(proto_cost({path}, pieces));
  }
  // Each level comes in two pieces, which are joined.
  std::string nested = field(5, std::string(kMiB, 'x'));
  for (int level = 0; level < 50; ++level) nested = field(6, nested) + field(6, "");
  expect_bounded(proto_cost({"one"}, nested));
}

// To write a message as JSON takes a look at each field of its type, and it may hold none of them.
TEST(DecoderBudget, EmptyMessagesOfAWideTypeAreNotGoneThroughWithoutEnd) {
  std::string proto = "syntax = \"proto3\"; message M { repeated Wide parts = 1; }\nmessage Wide {";
  for (int i = 1; i <= 800; ++i) {
    proto += " optional int32 v" + std::to_string(i) + " = " + std::to_string(i) + ";";
  }
  const auto decoder = proto_decoder(proto + "}", paths({"parts"}));
  EXPECT_EQ(cost_of(*decoder, 1, repeated(field(1, ""), 2 * 10'000)).error, "");
  const std::string many = repeated(field(1, ""), 2 * 11'000);
  EXPECT_EQ(cost_of(*decoder, 1, many).error, "too_large");
  EXPECT_GT(decoder->cost_bytes(many), 8 * kMiB) << "so that few routes decode it";
}

// Each member of a oneof makes those forgotten that came before it.
TEST(DecoderBudget, MembersOfAOneofDoNotMakeEachOtherForgottenWithoutEnd) {
  std::string proto =
      "syntax = \"proto3\"; message M { oneof k { A a = 1; A b = 2; } } message A {";
  std::vector<FieldPath> fields;
  for (int i = 1; i <= 40; ++i) {
    const std::string name = "f" + std::to_string(i);
    proto += " int32 " + name + " = " + std::to_string(i) + ";";
    for (const char* member : {"a.", "b."}) {
      fields.push_back(FieldPath::parse(member + name).value());
    }
  }
  const auto decoder = proto_decoder(proto + "}", fields);
  const std::string pair = field(1, "") + field(2, "");
  EXPECT_EQ(cost_of(*decoder, fields.size(), repeated(pair, 50'000)).error, "");
  EXPECT_EQ(cost_of(*decoder, fields.size(), repeated(pair)).error, "too_large");
}

TEST(DecoderBudget, TextOfProtobufFollowsTheLineAndNotThePayload) {
  expect_bounded(proto_cost({"raw"}, field(4, std::string(kPayload, '\0'))));
  expect_bounded(proto_cost({"one"}, field(6, field(5, std::string(kPayload, '\x01')))));
  expect_bounded(proto_cost({"names"}, repeated(field(7, ""))));
  // Several fields of one point share what a line holds.
  const std::string names = field(7, std::string(800'000, 'n'));
  EXPECT_EQ(proto_cost({"names", "$value"}, names).error, "line_too_long");
}

TEST(DecoderBudget, EntriesOfMapsAreNotAllRemembered) {
  const std::string same = repeated(field(3, ""));
  std::string distinct;
  for (int i = 0; distinct.size() < kPayload; ++i) {
    distinct += field(3, field(1, std::to_string(i)));
  }
  for (const std::string_view path : {"tags", "tags.7", "$value"}) {
    expect_bounded(proto_cost({path}, same));
    expect_bounded(proto_cost({path}, distinct));
  }
}

TEST(DecoderBudget, ElementsAndMessagesOfProtobufAreCountedBeforeTheFirstIsTaken) {
  const Cost elements = proto_cost({"text"}, repeated(field(2, "")), "inner");
  expect_bounded(elements);
  EXPECT_EQ(elements.points, 0u);
  const Cost few = proto_cost({"text"}, repeated(field(2, ""), 2 * 10'001), "inner");
  EXPECT_EQ(few.error, "too_many_points");
  EXPECT_EQ(few.points, 0u);
  EXPECT_EQ(proto_cost({"text"}, repeated(field(2, ""), 2 * 10'000), "inner").points, 10'000u);
  const Cost messages = proto_cost({"text"}, std::string(kPayload, '\0'), {}, true);
  expect_bounded(messages);
  EXPECT_EQ(messages.error, "too_many_points");
  EXPECT_EQ(messages.points, 0u);
  // Each element could become a line's worth of text: that is refused before the first is taken.
  const std::string heavy = repeated(field(2, field(7, std::string(60'000, 'n'))));
  const std::string heavier = repeated(field(2, field(4, std::string(600'000, 'n'))), 16 * kMiB);
  expect_bounded(proto_cost({"names"}, heavy, "inner"));
  const Cost refused = proto_cost({"raw"}, heavier, "inner");
  EXPECT_EQ(refused.error, "too_large");
  EXPECT_EQ(refused.points, 0u);
}

}  // namespace
}  // namespace plotbridge::decode
