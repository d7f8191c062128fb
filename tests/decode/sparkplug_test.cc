// Concern: what an edge node says, in an encoder's bytes that others wrote and in ours, comes out
// under its right name, once, with its own time; what is missing is asked for, but not too often.
#include "plugin/base/proto_writer.h"
#include "plugin/decode/name_glob.h"
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_host.h"
#include "plugin/decode/sparkplug_value.h"

#include "tests/decode/sparkplug_fixture.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <sstream>

using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace plotbridge::decode {
namespace {

std::string sample(const std::string& name) {
  std::ostringstream bytes;
  bytes << std::ifstream(PLOTBRIDGE_SOURCE_DIR "/tests/decode/samples/sparkplug/" + name + ".bin",
                         std::ios::binary)
               .rdbuf();
  return bytes.str();
}

TEST_F(SparkplugTest, AnEncoderThatOthersWroteIsUnderstood) {
  EXPECT_EQ(take("spBv1.0/G/NBIRTH/N", sample("nbirth")),
            "Node Control/Rebirth=false Inputs/Temp=21.5 Inputs/Level=-87");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", sample("ndata")), "Inputs/Temp=22.25 Inputs/Level=-88");
  EXPECT_EQ(outcome_.rebirth, "");
  EXPECT_EQ(take("spBv1.0/G/NBIRTH/M", sample("scalars")),
            "Int8=-8 Int16=-1600 Int32=-320000 Int64=-9007199254740993 UInt8=250 UInt16=65000 "
            "UInt32=4294967295 UInt64=18446744073709551615 Float=1.25 Double=0.1 Boolean=true "
            "String=\"a \"b\"\n\" DateTime=time 1795452000000000000 Text=\"text\" UUID=\"8f4c\" "
            "Bytes=\"Af8=\" Null=null");
  EXPECT_EQ(take("spBv1.0/G/NBIRTH/O", sample("complex")),
            "DataSet=[{\"name\":\"a\",\"value\":1},{\"name\":\"b\",\"value\":-2}] "
            "Template={\"rpm\":1480,\"state\":\"RUNNING\",\"pole\":4} Stale=null Good=5");
}

TEST_F(SparkplugTest, CutAtEveryByteIsFewerMetricsOrAnError) {
  for (const std::string name : {"nbirth", "scalars", "complex"}) {
    const std::string bytes = sample(name);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      StateMemory memory(1U << 20);
      SparkplugHost host(memory);
      const auto result =
          host.take(*parse_sparkplug_topic("spBv1.0/G/NBIRTH/N"),
                    std::string_view(bytes).substr(0, size), {}, [](const SparkplugSample&) {});
      EXPECT_TRUE(result || result.error().offset <= size);
    }
  }
}

TEST_F(SparkplugTest, ASignIsThatOfItsDatatypeHoweverFarItWasExtended) {
  SparkplugMetric metric;
  metric.field = SparkplugField::kInt;
  std::string text;
  for (const std::uint64_t bits : {0xFFFFFFA9ULL, 0xFFA9ULL}) {
    metric.bits = bits;
    EXPECT_EQ(sparkplug_value(metric, 2, text).text, "-87");
  }
  metric.field = SparkplugField::kLong;
  metric.bits = 4'000'000'000;
  EXPECT_EQ(sparkplug_value(metric, 7, text).text, "4000000000");
}

TEST_F(SparkplugTest, ArraysAreLittleEndianAndBitsStartAtTheTop) {
  const auto array = [](std::uint32_t datatype, std::string_view bytes) {
    SparkplugMetric metric;
    metric.field = SparkplugField::kBytes;
    metric.bytes = bytes;
    std::string text;
    return written(sparkplug_value(metric, datatype, text));
  };
  EXPECT_EQ(array(22, "\x01\xFF"sv), "[1,-1]");
  EXPECT_EQ(array(23, "\x01\x00\xFE\xFF"sv), "[1,-2]");
  EXPECT_EQ(array(28, "\xFF\xFF\xFF\xFF"sv), "[4294967295]");
  EXPECT_EQ(array(30, "\xA4\x70\x9D\x3F"sv), "[1.23]");
  EXPECT_EQ(array(31, ""sv), "[]");
  EXPECT_EQ(array(32, "\x0A\x00\x00\x00\x80\x40"sv),
            "[true,false,false,false,false,false,false,false,false,true]");
  EXPECT_EQ(array(33, "ab\0c\0"sv), "[\"ab\",\"c\"]");
  EXPECT_EQ(array(34, "\x00\x00\x00\x00\x00\x00\x00\x00"sv), "[\"1970-01-01T00:00:00Z\"]");
  EXPECT_EQ(array(23, "\x01"sv), "null");                  // half an element
  EXPECT_EQ(array(32, "\xFF\xFF\xFF\xFF\x00"sv), "null");  // more bits than there are
}

TEST_F(SparkplugTest, AliasesAreThoseOfTheLastBirth) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"bdSeq", {}, 1}, {"a", 0, 1}, {"b", 1, 2}}));
  take("spBv1.0/G/DBIRTH/N/D", payload(1, {{"c", 2, 3}}));
  EXPECT_EQ(take("spBv1.0/G/DDATA/N/D", payload(2, {{"", 2, 4}})), "D/c=4");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(3, {{"", 0, 5}, {"", 1, 6}})), "a=5 b=6");
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"b", 0, 7}}, kSparkplugAt + 1));
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(1, {{"", 0, 8}}, kSparkplugAt + 2)), "b=8");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(2, {{"", 1, 9}}, kSparkplugAt + 3)), "");
  EXPECT_EQ(outcome_.lost, 1U);
  EXPECT_EQ(outcome_.rebirth, "no birth gave the alias 1");
}

TEST_F(SparkplugTest, DataBeforeABirthAsksForOne) {
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(5, {{"", 1, 1}, {"named", {}, 2}})), "named=2");
  EXPECT_EQ(outcome_.rebirth, "data came before a birth");
  EXPECT_EQ(asked(), 0U);  // not before its moment
  now_ += 1s;
  const auto commands = rebirths_.due(now_, WallTime(1s));
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(commands[0].topic, "spBv1.0/G/NCMD/N");
  SparkplugPayload command;
  ASSERT_TRUE(command.read(commands[0].payload));
  ASSERT_EQ(command.metrics.size(), 1U);
  EXPECT_EQ(command.metrics[0].name, "Node Control/Rebirth");
  EXPECT_EQ(command.metrics[0].bits, 1U);
  EXPECT_FALSE(command.seq);
}

TEST_F(SparkplugTest, ARebirthIsAskedForOnceInTenSecondsAndNotAfterABirth) {
  std::size_t total = 0;
  for (int second = 0; second < 100; ++second) {
    take("spBv1.0/G/NDATA/N", payload(second % 256, {{"", 1, 1}}, kSparkplugAt + 1000U * second));
    now_ += 1s;
    total += asked();
  }
  EXPECT_GE(total, 9U);
  EXPECT_LE(total, 10U);
  now_ += 20s;
  take("spBv1.0/G/NDATA/N", payload(200, {{"", 1, 1}}));
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 1, 1}}));
  now_ += 20s;
  EXPECT_EQ(asked(), 0U);
}

TEST_F(SparkplugTest, AGapIsForwardedAndAskedAfterARepetitionIsDropped) {
  take("spBv1.0/G/NBIRTH/N", payload(254, {{"a", 0, 1}}));
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(255, {{"", 0, 2}}, kSparkplugAt + 1)), "a=2");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(0, {{"", 0, 3}}, kSparkplugAt + 2)), "a=3");
  EXPECT_EQ(outcome_.rebirth, "");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(0, {{"", 0, 3}}, kSparkplugAt + 2)), "");
  EXPECT_TRUE(outcome_.duplicate);
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(0, {{"", 0, 4}}, kSparkplugAt + 3)),
            "a=4");  // counts badly
  EXPECT_EQ(outcome_.rebirth, "");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(2, {{"", 0, 5}}, kSparkplugAt + 4)), "a=5");
  EXPECT_EQ(outcome_.rebirth, "messages are missing: expected number 1, found 2");
}

TEST_F(SparkplugTest, AMessageThatIsOnlyLateIsTakenAndNotAskedFor) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1}}));
  take("spBv1.0/G/NDATA/N", payload(3, {{"", 0, 4}}, kSparkplugAt + 3));
  EXPECT_EQ(outcome_.rebirth, "messages are missing: expected number 1, found 3");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(2, {{"", 0, 3}}, kSparkplugAt + 2)), "a=3");
  EXPECT_EQ(outcome_.rebirth, "");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(2, {{"", 0, 3}}, kSparkplugAt + 2)),
            "");  // a repetition
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(1, {{"", 0, 2}}, kSparkplugAt + 1)), "a=2");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(4, {{"", 0, 5}}, kSparkplugAt + 4)), "a=5");
  EXPECT_EQ(outcome_.rebirth, "");
  now_ += 20s;
  EXPECT_EQ(asked(), 0U);
}

TEST_F(SparkplugTest, WhatStaysMissingIsAskedForAfterAWhile) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1}}));
  take("spBv1.0/G/NDATA/N", payload(3, {{"", 0, 4}}, kSparkplugAt + 3));
  take("spBv1.0/G/NDATA/N", payload(2, {{"", 0, 3}}, kSparkplugAt + 2));
  now_ += RebirthSchedule::kReorderTime;
  EXPECT_EQ(asked(), 0U);
  now_ += RebirthSchedule::kRebirthJitter;
  EXPECT_EQ(asked(), 1U);
}

TEST_F(SparkplugTest, AMissingNameDoesNotWaitForLateMessages) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1}}));
  take("spBv1.0/G/NDATA/N", payload(2, {{"", 0, 4}}, kSparkplugAt + 2));
  take("spBv1.0/G/NDATA/N", payload(3, {{"", 9, 4}}, kSparkplugAt + 3));
  EXPECT_EQ(outcome_.rebirth, "no birth gave the alias 9");
  take("spBv1.0/G/NDATA/N",
       payload(1, {{"", 0, 2}}, kSparkplugAt + 1));  // fills the gap, not the name
  now_ += RebirthSchedule::kRebirthJitter;
  EXPECT_EQ(asked(), 1U);
}

TEST_F(SparkplugTest, ABirthThatRepeatsAValueIsNoNewPoint) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1, kSparkplugAt}, {"b", 1, 1, kSparkplugAt}}));
  EXPECT_EQ(take("spBv1.0/G/NBIRTH/N",
                 payload(0, {{"a", 0, 1, kSparkplugAt}, {"b", 1, 2, kSparkplugAt + 5}},
                         kSparkplugAt + 9)),
            "b=2");
}

TEST_F(SparkplugTest, AfterADeathTheSameValueIsANewPoint) {
  const std::string birth = payload(0, {{"a", 0, 1, kSparkplugAt}});
  EXPECT_EQ(take("spBv1.0/G/NBIRTH/N", birth), "a=1");
  take("spBv1.0/G/NDEATH/N", payload({}, {}));
  EXPECT_EQ(take("spBv1.0/G/NBIRTH/N", birth), "a=1");
}

TEST_F(SparkplugTest, ADeathIsThatOfTheConnectionThatItNames) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"bdSeq", {}, 4}, {"a", 0, 1}}));
  take("spBv1.0/G/NDEATH/N", payload({}, {{"bdSeq", {}, 3}}));
  EXPECT_FALSE(outcome_.node_died);
  take("spBv1.0/G/NDEATH/N", payload({}, {{"bdSeq", {}, 4}}));
  EXPECT_TRUE(outcome_.node_died);
  take("spBv1.0/G/NDEATH/N", payload({}, {{"bdSeq", {}, 4}}));
  EXPECT_FALSE(outcome_.node_died);  // once
  EXPECT_EQ(outcome_.died_at, WallTime(7ns));
  take("spBv1.0/G/DDEATH/N/D", payload(1, {}));
  EXPECT_EQ(outcome_.died_at, WallTime(std::chrono::milliseconds(kSparkplugAt)));
}

TEST_F(SparkplugTest, ABrokersCopyOfABirthGivesNamesAndNoValues) {
  EXPECT_EQ(take("$sparkplug/certificates/spBv1.0/G/NBIRTH/N", payload(7, {{"a", 3, 99}})), "");
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", payload(200, {{"", 3, 1}})), "a=1");
  EXPECT_EQ(outcome_.rebirth, "");
}

TEST_F(SparkplugTest, PackedPayloadsAreUnpackedUpToTheLimit) {
  take("spBv1.0/G/NBIRTH/N", payload(0, {{"a", 0, 1}}));
  const auto packed = [](const std::string& inner) {
    std::string body(compressBound(inner.size()), '\0');
    uLongf size = body.size();
    compress(reinterpret_cast<Bytef*>(body.data()), &size,
             reinterpret_cast<const Bytef*>(inner.data()), inner.size());
    body.resize(size);
    return ProtoWriter().number(3, 1).text(4, "SPBV1.0_COMPRESSED").text(5, body).bytes();
  };
  EXPECT_EQ(take("spBv1.0/G/NDATA/N", packed(payload({}, {{"", 0, 2}}))), "a=2");
  EXPECT_NE(take("spBv1.0/G/NDATA/N", packed(std::string(20 << 20, '\0'))).find("more than 16 MiB"),
            std::string::npos);
}

TEST(SparkplugTopic, NamesAreKeptAsTheyAre) {
  const auto topic = parse_sparkplug_topic("spBv1.0/Werk 1/DDATA/Gerät/Pumpe+7");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->group, "Werk 1");
  EXPECT_EQ(topic->edge_node, "Gerät");
  EXPECT_EQ(topic->device, "Pumpe+7");
  EXPECT_EQ(parse_sparkplug_topic("spBv1.0/STATE/host")->host_id, "host");
  EXPECT_EQ(parse_sparkplug_topic("STATE/host")->host_id, "host");
  for (const std::string_view wrong :
       {"", "spBv1.0", "spBv1.0/G/NDATA", "spBv1.0/G/NDATA/N/D", "spBv1.0/G/DDATA/N",
        "spBv1.0/G/XDATA/N", "spAv1.0/G/NDATA/N", "spBv1.0//NDATA/N", "spBv1.0/G/DDATA/N/D/E"}) {
    EXPECT_FALSE(parse_sparkplug_topic(wrong)) << wrong;
  }
}

TEST(NameGlob, AStarTakesSlashesToo) {
  EXPECT_TRUE(matches_glob("*", "a/b"));
  EXPECT_TRUE(matches_glob("Inputs/*", "Inputs/a/b"));
  EXPECT_TRUE(matches_glob("*/Temp?", "a/b/Temp7"));
  EXPECT_TRUE(matches_glob("a*b*c", "aXbYbZc"));
  EXPECT_FALSE(matches_glob("Inputs/*", "Outputs/a"));
  EXPECT_FALSE(matches_glob("Temp", "Temp1"));
  EXPECT_FALSE(matches_glob("?", ""));
}

}  // namespace
}  // namespace plotbridge::decode
