// Concern: the fields of a protobuf message are found on the wire as the library would find them,
// whatever an encoder may do; what is no message says where it stops being one.
#include "tests/decode/proto_oracle.h"

#include <gtest/gtest.h>

using namespace std::string_view_literals;

namespace plotbridge::decode {
namespace {

const std::string kTelemetry = "plant.v1.Telemetry";

class ProtoDecoderTest : public ::testing::Test {
 protected:
  Decoded telemetry(std::initializer_list<std::string_view> fields, const std::string& text) {
    auto decoder = world_.decoder(kTelemetry, fields);
    return run(decoder, oracle_.bytes(kTelemetry, text));
  }
  std::string one(std::string_view field, const std::string& text) {
    const Decoded decoded = telemetry({field}, text);
    return decoded.samples.empty() ? decoded.error.message : decoded.samples[0];
  }
  Decoded raw(std::initializer_list<std::string_view> fields, std::string_view bytes,
              const std::string& type = kTelemetry) {
    auto decoder = world_.decoder(type, fields);
    return run(decoder, bytes);
  }

  ProtoWorld world_;
  ProtoOracle oracle_;
};

TEST_F(ProtoDecoderTest, EveryScalarKeepsItsValue) {
  EXPECT_EQ(telemetry({"machine", "temperature", "pressure", "running", "count", "energy"},
                      "machine: 'press \"7\"' temperature: 81.25 pressure: 0.1 running: true "
                      "count: -9007199254740993 energy: 18446744073709551615")
                .samples,
            (Samples{"\"press \"7\"\" | 81.25 | 0.1 | true | -9007199254740993 | "
                     "18446744073709551615"}));
  EXPECT_EQ(telemetry({"delta", "crc", "offset", "level", "flags", "drift", "big", "small"},
                      "delta: -3 crc: 4294967295 offset: -5 level: -7 flags: 4000000000 drift: -9 "
                      "big: 10 small: -11")
                .samples,
            (Samples{"-3 | 4294967295 | -5 | -7 | 4000000000 | -9 | 10 | -11"}));
  EXPECT_EQ(
      telemetry({"state", "raw", "maybe"}, "state: TRIPPED raw: '\\001\\377' maybe: 0").samples,
      (Samples{"\"TRIPPED\" | \"Af8=\" | 0"}));
}

TEST_F(ProtoDecoderTest, AnUnknownEnumIsItsNumberAndWhatIsNoNumberIsNull) {
  EXPECT_EQ(raw({"state"}, "\x78\x07").samples, (Samples{"7"}));
  EXPECT_EQ(one("temperature", "temperature: nan"), "null");
  EXPECT_EQ(one("pressure", "pressure: -inf"), "null");
}

TEST_F(ProtoDecoderTest, AbsentIsTheDefaultOnlyWhereProtobufCannotTell) {
  EXPECT_EQ(telemetry({"temperature", "machine", "state", "running", "labels", "tags"}, "").samples,
            (Samples{"0 | \"\" | \"UNKNOWN\" | false | [] | {}"}));
  EXPECT_EQ(telemetry({"maybe", "winding", "winding.temp", "number", "at", "set_point", "labels[0]",
                       "tags.a"},
                      "")
                .samples,
            (Samples{"- | - | - | - | - | - | - | -"}));
  EXPECT_EQ(one("winding.temp", "winding {}"), "0");
}

TEST_F(ProtoDecoderTest, PathsLeadIntoMessagesListsAndMaps) {
  const std::string text =
      "winding { temp: 5 inner { name: 'i' codes: 7 codes: 8 } } windings { temp: 1 } windings { "
      "temp: 2 name: 'b' } samples: 1.5 samples: 2.5 labels: 'x' tags { key: 'a' value: 3 } "
      "parts { key: 4 value { temp: 9 } } by_flag { key: true value: RUNNING } loose: 6";
  EXPECT_EQ(telemetry({"winding.temp", "winding.inner.name", "winding.inner.codes[1]",
                       "windings[1].temp", "windings[1].name", "windings[2].temp", "samples[1]",
                       "labels[0]", "tags.a", "parts.4.temp", "by_flag.true", "loose[0]"},
                      text)
                .samples,
            (Samples{"5 | \"i\" | 8 | 2 | \"b\" | - | 2.5 | \"x\" | 3 | 9 | \"RUNNING\" | 6"}));
  EXPECT_EQ(telemetry({"windings", "samples", "tags", "by_flag", "winding.inner"}, text).samples,
            (Samples{"[{\"temp\":1,\"name\":\"\",\"codes\":[]},{\"temp\":2,\"name\":\"b\","
                     "\"codes\":[]}] | [1.5,2.5] | {\"a\":3} | {\"true\":\"RUNNING\"} | "
                     "{\"temp\":0,\"name\":\"i\",\"codes\":[7,8]}"}));
}

TEST_F(ProtoDecoderTest, WellKnownTypesAreWhatTheyStandFor) {
  const std::string text =
      "at { seconds: 1795452000 nanos: 123000000 } took { seconds: 1 nanos: 500000000 } set_point "
      "{ value: 2.5 } meta { fields { key: 'a' value { list_value { values { number_value: 1 } "
      "values { null_value: NULL_VALUE } } } } } stamps { seconds: 0 } any_value { bool_value: "
      "true }";
  EXPECT_EQ(telemetry({"at", "took", "set_point", "meta", "stamps", "any_value"}, text).samples,
            (Samples{"time 1795452000123000000 | \"1.500s\" | 2.5 | {\"a\":[1,null]} | "
                     "[\"1970-01-01T00:00:00Z\"] | true"}));
  EXPECT_EQ(one("at.nanos", text), "123000000");
  EXPECT_EQ(one("stamps[0]", text), "time 0");
  EXPECT_NE(one("at", "at { seconds: 99999999999 }").find("years 1678 to 2261"), std::string::npos);
}

TEST_F(ProtoDecoderTest, PackedAndUnpackedAreTheSame) {
  EXPECT_EQ(raw({"samples"}, "\x99\x01\x00\x00\x00\x00\x00\x00\xF8\x3F"sv).samples,
            (Samples{"[1.5]"}));  // unpacked, though the schema packs
  EXPECT_EQ(raw({"loose"}, "\x8A\x02\x03\x01\x02\x03\x88\x02\x04"sv).samples,
            (Samples{"[1,2,3,4]"}));
}

TEST_F(ProtoDecoderTest, LaterScalarsReplaceAndMessagesMerge) {
  const std::string first = oracle_.bytes(kTelemetry, "level: 1 winding { temp: 1 codes: 1 }");
  const std::string second = oracle_.bytes(kTelemetry, "level: 2 winding { name: 'b' codes: 2 }");
  EXPECT_EQ(
      raw({"level", "winding.temp", "winding.name", "winding.codes", "winding"}, first + second)
          .samples,
      (Samples{"2 | 1 | \"b\" | [1,2] | {\"temp\":1,\"name\":\"b\",\"codes\":[1,2]}"}));
}

TEST_F(ProtoDecoderTest, AMessageTwiceInOneEntryOfAMapIsMerged) {
  // Key 4; then { codes: 9 } and { name: "b" }.
  constexpr auto payload = "\xb2\x01\x0c\x08\x04\x12\x03\x1a\x01\x09\x12\x03\x12\x01\x62"sv;
  EXPECT_EQ(raw({"parts", "parts.4", "parts.4.codes", "parts.4.name"}, payload).samples,
            (Samples{"{\"4\":{\"temp\":0,\"name\":\"b\",\"codes\":[9]}} | "
                     "{\"temp\":0,\"name\":\"b\",\"codes\":[9]} | [9] | \"b\""}));
}

TEST_F(ProtoDecoderTest, OfAOneofTheLastMemberCounts) {
  const std::string number = oracle_.bytes(kTelemetry, "number: 1");
  const std::string detail = oracle_.bytes(kTelemetry, "detail { temp: 2 }");
  const std::string text = oracle_.bytes(kTelemetry, "text: 'x'");
  EXPECT_EQ(raw({"number", "text", "detail.temp"}, number + detail).samples,
            (Samples{"- | - | 2"}));
  EXPECT_EQ(raw({"number", "detail.temp", "detail"}, detail + number + text).samples,
            (Samples{"- | - | -"}));
}

TEST_F(ProtoDecoderTest, Proto2HasDefaultsGroupsAndPresence) {
  const std::string text = "id: 7 Limits { low: 1 } Row { cell: 3 } Row { cell: 4 } packed: 5";
  const std::string bytes = oracle_.bytes("legacy.Reading", text);
  EXPECT_EQ(raw({"id", "limits.low", "limits.high", "row[1].cell", "packed", "value"}, bytes,
                "legacy.Reading")
                .samples,
            (Samples{"7 | 1 | - | 4 | [5] | -"}));
}

TEST_F(ProtoDecoderTest, EachElementIsASampleThatKnowsItsMessage) {
  const std::string bytes = oracle_.bytes(
      kTelemetry, "machine: 'm' windings { temp: 1 } windings { temp: 2 codes: 3 } samples: 8");
  auto windings = world_.decoder(kTelemetry, {"temp", "machine", "codes[0]", "$value"}, "windings");
  EXPECT_EQ(run(windings, bytes).samples,
            (Samples{"1 | \"m\" | - | {\"temp\":1,\"name\":\"\",\"codes\":[]}",
                     "2 | \"m\" | 3 | {\"temp\":2,\"name\":\"\",\"codes\":[3]}"}));
  auto samples = world_.decoder(kTelemetry, {"$value", "machine"}, "samples");
  EXPECT_EQ(run(samples, bytes).samples, (Samples{"8 | \"m\""}));
  auto inner = world_.decoder(kTelemetry, {"$value"}, "winding.codes");
  EXPECT_EQ(run(inner, oracle_.bytes(kTelemetry, "winding { codes: 1 codes: 2 }")).samples,
            (Samples{"1", "2"}));
}

TEST_F(ProtoDecoderTest, TellsWhichFieldsAMessageHas) {
  const std::string bytes = oracle_.bytes("legacy.Reading", "id: 7 Limits { low: 1 } packed: 3");
  const std::string fields = "id, limits.low, packed[0]";
  EXPECT_EQ(world_.decoder("legacy.Reading", {"id"}).fields_of(bytes), fields);
  const std::string delimited = std::string(1, static_cast<char>(bytes.size())) + bytes;
  EXPECT_EQ(world_.decoder("legacy.Reading", {"id"}, {}, true).fields_of(delimited), fields);
  EXPECT_EQ(world_.decoder("legacy.Reading", {"id"}).fields_of("\x08"), "");
}

TEST_F(ProtoDecoderTest, DelimitedMessagesAreOneSampleEachOrNone) {
  const std::string one = oracle_.bytes(kTelemetry, "level: 1");
  const std::string two = oracle_.bytes(kTelemetry, "level: 2");
  const auto with_size = [](const std::string& bytes) {
    return static_cast<char>(bytes.size()) + bytes;
  };
  auto decoder = world_.decoder(kTelemetry, {"level"}, std::nullopt, true);
  EXPECT_EQ(run(decoder, with_size(one) + with_size(two)).samples, (Samples{"1", "2"}));
  EXPECT_EQ(run(decoder, "").samples, Samples{});
  const Decoded cut = run(decoder, with_size(one) + "\x09" + two);
  EXPECT_EQ(cut.samples, Samples{});
  EXPECT_EQ(cut.error.message,
            "expected a message with its length before it: a length that fits into what is left "
            "at byte 3, found \"\\x09P\\x02\"");
}

TEST_F(ProtoDecoderTest, AnErrorSaysWhatWhereAndInWhichMessage) {
  EXPECT_EQ(raw({"level"}, "\x50\x01\x8A\x01\x7F").error.message,
            "expected a length that fits into what is left at byte 4, found \"\\x7f\", in message "
            "plant.v1.Telemetry");
  EXPECT_EQ(raw({"winding.temp"}, "\x8A\x01\x02\x09\x00"sv).error.message,
            "expected the rest of a fixed number at byte 4, found \"\\x00\", in message "
            "plant.v1.Winding");
  for (const std::string_view bytes :
       {"\x00"sv, "\x50"sv, "\x07"sv, "\x0C"sv,
        "\x50\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv, "\x0A\xFF\xFF\xFF\xFF\x07"sv,
        "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"sv}) {
    const Decoded decoded = raw({"level"}, bytes);
    EXPECT_EQ(decoded.samples, Samples{});
    EXPECT_EQ(decoded.error.kind, "protobuf");
    EXPECT_LE(decoded.error.offset, bytes.size());
  }
}

TEST_F(ProtoDecoderTest, GroupsTenThousandDeepAreAnError) {
  EXPECT_EQ(raw({"level"}, std::string(10'000, '\x0B')).error.kind, "protobuf");
  std::string deep;
  for (int i = 0; i < 10'000; ++i) {
    std::string size;
    for (std::size_t n = deep.size();; n >>= 7) {
      size += static_cast<char>((n & 0x7F) | (n > 0x7F ? 0x80 : 0));
      if (n <= 0x7F) break;
    }
    deep = "\x22" + size + deep;  // Winding.inner
  }
  EXPECT_NE(raw({"$value"}, deep, "plant.v1.Winding").error.message.find("at most 56 deep"),
            std::string::npos);
}

TEST_F(ProtoDecoderTest, AFewBytesDoNotBecomeAllOfTheMemory) {
  std::string empties;
  for (int i = 0; i < 400'000; ++i) empties += "\x92\x01\x00"sv;  // windings {}
  EXPECT_EQ(raw({"windings"}, empties).error.kind, "too_large");
  EXPECT_EQ(raw({"level"}, empties).samples, (Samples{"0"}));
}

TEST_F(ProtoDecoderTest, CutAtEveryByteIsAShorterMessageOrAnError) {
  RandomMessage random(5);
  const auto message = oracle_.message(kTelemetry);
  for (int i = 0; i < 20; ++i) random.fill(*message);
  const std::string bytes = message->SerializePartialAsString();
  auto decoder = world_.decoder(kTelemetry, {"$value"});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string_view cut = std::string_view(bytes).substr(0, size);
    const Decoded decoded = run(decoder, cut);
    EXPECT_LE(decoded.error.offset, size);
    const bool whole = oracle_.json(kTelemetry, cut).has_value();
    EXPECT_TRUE(!whole || decoded.samples.size() == 1U) << size;
  }
}

// The library's JSON knows no groups; those of proto2 have the scenario above.
TEST_F(ProtoDecoderTest, SaysOfRandomAndDamagedMessagesWhatTheLibrarySays) {
  auto decoder = world_.decoder(kTelemetry, {"$value"});
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 6'000; ++seed) {
    RandomMessage random(seed);
    const auto message = oracle_.message(kTelemetry);
    random.fill(*message);
    std::string bytes = message->SerializeAsString();
    if (seed % 2 == 1) bytes = random.damaged(bytes);
    const auto expected = oracle_.json(kTelemetry, bytes);
    if (!expected) continue;  // what the library does not read we may read more leniently
    const Decoded decoded = run(decoder, bytes);
    // The library writes "2.-3s" where the signs differ.
    if (decoded.error.message.find("expected a duration") == 0) continue;
    ASSERT_EQ(decoded.samples.size(), 1U) << "seed " << seed << ": " << decoded.error.message;
    const auto ours = nlohmann::json::parse(decoded.samples[0], nullptr, false);
    ASSERT_TRUE(same(normal(ours), normal(*expected)))
        << "seed " << seed << "\nours:   " << decoded.samples[0]
        << "\ntheirs: " << expected->dump();
    ++compared;
  }
  EXPECT_GT(compared, 3'000);
}

}  // namespace
}  // namespace plotbridge::decode
