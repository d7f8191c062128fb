// Concern: what `decode`, `when` and `deadband` say is read as it is meant, and what cannot be is
// told with what can.
#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

std::string with_route(std::string_view rest) {
  return "version: 1\nbroker: {url: mqtt://h}\nstreams: [{name: s, token: t}]\nroutes:\n"
         "  - {topic: a, stream: s}\n  - topic: b\n    stream: s\n" +
         std::string(rest);
}

Route route(std::string_view rest) { return good(with_route(rest)).routes.at(1); }
Lines wrong(std::string_view rest) { return mistakes_in(with_route(rest)); }

TEST(Decode, csv_takes_columns_or_a_header) {
  const Route columns = route(
      "    decode: {type: csv, columns: [t, motor.temp], delimiter: \"\\t\"}\n"
      "    point: {x: t, y: motor.temp}\n");
  EXPECT_EQ(columns.decode.columns, (std::vector<std::string>{"t", "motor.temp"}));
  EXPECT_EQ(columns.decode.delimiter, '\t');
  EXPECT_EQ(columns.point[1].source.field.steps.size(), 1U);  // a name, not a path
  const Route header = route("    decode: {type: csv, header: true}\n    point: {y: any}\n");
  EXPECT_TRUE(header.decode.header);
}

TEST(Decode, csv_tells_columns_that_are_not_there) {
  EXPECT_EQ(wrong("    decode: {type: csv, columns: [time, temp, temp], delimiter: ab}\n"
                  "    point: {x: tme, y: $value}\n"),
            (Lines{"a:8:47: routes[1].decode.columns[2]: `temp` is there twice",
                   "a:8:65: routes[1].decode.delimiter: expected one character such as ; or "
                   "\"\\t\", found `ab`",
                   "a:9:16: routes[1].point.x: there is no column `tme`; did you mean `time`? "
                   "allowed: time, temp",
                   "a:9:24: routes[1].point.y: $value is the only column, but there are 2: name "
                   "one of time, temp"}));
}

TEST(Decode, several_columns_or_fields_need_a_point) {
  EXPECT_EQ(wrong("    decode: {type: csv, columns: [a, b]}\n"),
            (Lines{"a:6:5: routes[1].point: missing: without it y is $value; $value is the only "
                   "column, but there are 2: name one of a, b"}));
  EXPECT_EQ(
      wrong("    decode: {type: binary, fields: [{name: q, type: u8}, {name: r, type: u8}]}\n"),
      (Lines{"a:6:5: routes[1].point: missing: without it y is $value; $value is the only "
             "field, but there are 2: name one of q, r"}));
  EXPECT_EQ(wrong("    decode: {type: csv, columns: [a]}\n"), Lines{});
}

TEST(Decode, binary_fields_follow_each_other_or_stand_at_a_byte) {
  const Route result = route(
      "    decode:\n      type: binary\n      endian: big\n      fields:\n"
      "        - {name: id, type: u16}\n        - {name: temp, type: i16, scale: 0.1, offset: "
      "-40}\n"
      "        - {name: flags, type: bits, at: 8}\n        - {name: alarm, type: bits, at: 9.3}\n"
      "        - {name: mode, type: bits, at: 9.6-4}\n        - {name: load, type: f32}\n"
      "    point: {y: temp, run: \"flags[2]\", alarm: alarm}\n");
  EXPECT_EQ(result.decode.endian, Endian::kBig);
  const auto& fields = result.decode.fields;
  ASSERT_EQ(fields.size(), 6U);
  EXPECT_EQ(fields[0].at, 0U);
  EXPECT_EQ(fields[1].at, 2U);
  EXPECT_EQ(fields[1].scale, 0.1);
  EXPECT_EQ(fields[1].offset, -40);
  EXPECT_EQ(fields[2].bits, 8U);
  EXPECT_EQ(fields[3].low_bit, 3U);
  EXPECT_EQ(fields[3].bits, 1U);
  EXPECT_EQ(fields[4].low_bit, 4U);
  EXPECT_EQ(fields[4].bits, 3U);
  EXPECT_EQ(fields[5].at, 10U);
}

TEST(Decode, binary_tells_types_places_and_fields_that_are_none) {
  EXPECT_EQ(
      wrong("    decode:\n      type: binary\n      fields:\n        - {name: a, type: int}\n"
            "        - {name: b, type: u8, at: 1.2}\n        - {name: b, type: bits, at: 3.9}\n"
            "        - {type: u8}\n        - {name: c, type: bits, scale: 2}\n"
            "    point: {y: d, z: \"a[1]\", w: \"c[8]\"}\n"),
      (Lines{"a:11:27: routes[1].decode.fields[0].type: unknown value `int`; allowed: u8, u16, "
             "u32, u64, i8, i16, i32, i64, f32, f64, bits",
             "a:12:35: routes[1].decode.fields[1].at: expected a byte such as 6, found `1.2`",
             "a:13:18: routes[1].decode.fields[2].name: `b` is there twice",
             "a:13:37: routes[1].decode.fields[2].at: expected a byte such as 6, a bit of it such "
             "as 6.3, or some such as 6.0-3, found `3.9`",
             "a:14:11: routes[1].decode.fields[3].name: missing: what the point calls it",
             "a:15:40: routes[1].decode.fields[4].scale: eight bits are an array: take one (at: "
             "6.3) or some (at: 6.0-3)",
             "a:16:16: routes[1].point.y: there is no field `d`; allowed: a, b, c",
             "a:16:22: routes[1].point.z: field `a` is one number: only eight bits have an index",
             "a:16:33: routes[1].point.w: a byte has the bits 0 to 7, found 8"}));
}

TEST(Decode, timestamp_is_a_field_with_a_unit) {
  const Route result = route(
      "    decode: {type: json, each: rows, compression: auto, timestamp: {field: ts, unit: "
      "unix_s}}\n    point: {x: $timestamp, y: v}\n");
  EXPECT_EQ(result.decode.compression, Compression::kAuto);
  EXPECT_EQ(result.decode.each->to_string(), "rows");
  EXPECT_EQ(result.point[0].source.field.to_string(), "ts");
  EXPECT_EQ(result.point[0].source.change.time, TimeUnit::kUnixS);
}

TEST(Decode, tells_keys_of_another_type) {
  EXPECT_EQ(wrong("    decode: {type: text, columns: [a], timestamp: {field: t}}\n"),
            (Lines{"a:8:26: routes[1].decode.columns: makes no sense with the decode type `text`: "
                   "it belongs to csv",
                   "a:8:40: routes[1].decode.timestamp: makes no sense with the decode type "
                   "`text`: it belongs to json, csv, binary, protobuf",
                   "a:8:59: routes[1].decode.timestamp.field: decode type `text` has no field `t`: "
                   "use $value, the decode type json, or {constant: ...}"}));
}

TEST(Point, changes_values_and_tells_changes_that_exclude_each_other) {
  const Route result = route(
      "    decode: {type: json}\n    point: {y: {field: t, scale: 0.1, offset: -40, round: 2}, s: "
      "{field: s, map: {RUNNING: 1, true: off}, default: null}, x: {field: ts, time: iso8601}, v: "
      "{field: $value, round: 0}}\n");
  const ValueChange& y = result.point[0].source.change;
  EXPECT_EQ(y.scale, 0.1);
  EXPECT_EQ(y.offset, -40);
  EXPECT_EQ(y.round, 2);
  using Entry = std::pair<std::string, std::string>;
  EXPECT_EQ(result.point[1].source.change.map,
            (std::vector<Entry>{{"RUNNING", "1"}, {"true", "\"off\""}}));
  EXPECT_EQ(result.point[2].source.change.time, TimeUnit::kIso8601);
  EXPECT_TRUE(result.point[3].source.field.steps.empty());
  EXPECT_EQ(wrong("    decode: {type: json}\n    point: {y: {field: t, scale: x, round: -1}, x: "
                  "{field: t, time: unix_ms, scale: 2}}\n"),
            (Lines{"a:9:34: routes[1].point.y.scale: expected a number such as 0.1, found `x`",
                   "a:9:44: routes[1].point.y.round: expected a whole number from 0 to 15, found "
                   "`-1`",
                   "a:9:78: routes[1].point.x.scale: makes no sense beside `time`"}));
}

TEST(When, takes_values_and_limits) {
  const WhenSpec in =
      *route("    decode: {type: json}\n    when: {field: kind, in: [a, 1, true]}\n").when;
  EXPECT_EQ(in.field.to_string(), "kind");
  EXPECT_EQ(in.one_of, (std::vector<std::string>{"\"a\"", "1", "true"}));
  const WhenSpec range = *route("    when: {field: $value, above: -1.5, below: 10}\n").when;
  EXPECT_TRUE(range.field.steps.empty());
  EXPECT_EQ(range.above, -1.5);
  EXPECT_EQ(range.below, 10);
}

TEST(When, tells_what_cannot_hold) {
  EXPECT_EQ(wrong("    when: {field: kind, equals: [a], in: 1, above: 2, below: 1}\n"),
            (Lines{"a:8:19: routes[1].when.field: decode type `number` has no field `kind`: use "
                   "$value, the decode type json, or {constant: ...}",
                   "a:8:33: routes[1].when.equals: expected a number, a text, true, false or null, "
                   "found a list",
                   "a:8:42: routes[1].when.in: makes no sense beside `equals`: give one of them",
                   "a:8:42: routes[1].when.in: expected a list of values such as [RUNNING, IDLE]",
                   "a:8:62: routes[1].when.below: no number is above 2 and below 1"}));
}

TEST(Deadband, needs_a_width_and_a_y) {
  const DeadbandSpec spec = *route("    deadband: {absolute: 0.5, max_silence: 60s}\n").deadband;
  EXPECT_EQ(spec.absolute, 0.5);
  EXPECT_EQ(spec.max_silence, std::chrono::seconds(60));
  EXPECT_EQ(wrong("    point: {z: $value}\n    deadband: {absolute: -1, max_silence: 0s}\n"),
            (Lines{"a:9:15: routes[1].deadband: compares `y`, and the point has no `y`",
                   "a:9:26: routes[1].deadband.absolute: must not be negative",
                   "a:9:43: routes[1].deadband.max_silence: expected a duration from 1ms to 365d, "
                   "found `0s`"}));
}

TEST(Sparkplug, has_captures_and_a_point_of_its_own) {
  const Route result = route(
      "    decode: {type: sparkplug, metrics: [\"Inputs/*\", speed], host: primary, host_id: "
      "scada}\n"
      "    when: {field: $metric, equals: speed}\n");
  EXPECT_EQ(result.decode.metrics, (std::vector<std::string>{"Inputs/*", "speed"}));
  EXPECT_EQ(result.decode.host, SparkplugHostRole::kPrimary);
  EXPECT_EQ(result.decode.host_id, "scada");
  ASSERT_EQ(result.point.size(), 2U);
  EXPECT_EQ(result.point[0].source.field.to_string(), "$timestamp");
  EXPECT_EQ(result.when->field.to_string(), "$metric");
  const Route captures = route(
      "    decode: {type: sparkplug}\n"
      "    point: {y: $value, t: \"{group} {edge_node} {device} {metric}\", m: $metric}\n");
  EXPECT_EQ(captures.decode.host, SparkplugHostRole::kPassive);
}

TEST(Sparkplug, tells_what_it_has_not) {
  EXPECT_EQ(wrong("    decode: {type: sparkplug, host: primary, compression: gzip}\n"
                  "    point: {y: temp}\n"),
            (Lines{"a:8:13: routes[1].decode.host_id: missing: the name that edge nodes know the "
                   "primary host by",
                   "a:8:59: routes[1].decode.compression: Sparkplug has its own, which is always "
                   "understood: leave it out",
                   "a:9:16: routes[1].point.y: a Sparkplug metric has no field `temp`: use $value, "
                   "$metric or $timestamp, or choose metrics by decode.metrics"}));
  EXPECT_EQ(wrong("    decode: {type: sparkplug, host_id: a}\n"),
            Lines{"a:8:40: routes[1].decode.host_id: makes no sense without `host: primary`"});
  EXPECT_EQ(wrong("    decode: {type: sparkplug, host: primary, host_id: a}\n  - topic: c\n"
                  "    stream: s\n    decode: {type: sparkplug, host: primary, host_id: b}\n"),
            Lines{"a:11:13: routes[2].decode: an earlier route is the primary host `a`: a bridge "
                  "can be one only"});
}

TEST(Protobuf, tells_a_message_that_has_no_schema) {
  EXPECT_EQ(wrong("    decode: {type: protobuf}\n"),
            Lines{"a:8:13: routes[1].decode.message: missing: the full name of the message, such "
                  "as plant.v1.Telemetry"});
  EXPECT_EQ(wrong("    decode: {type: protobuf, message: plant.v1.Press}\n"),
            Lines{"a:8:39: routes[1].decode.message: where is it? add `schemas: [{proto: FILE}]` "
                  "at the top"});
}

TEST(Protobuf, tells_where_a_schema_is_named_that_cannot_be_read) {
  const std::string route = with_route("    decode: {type: protobuf, message: plant.v1.Press}\n");
  const auto of = [&](std::string_view schema) {
    const auto loaded = load_text("schemas: [{" + std::string(schema) + "}]\n" + route, "/none/a");
    Lines lines;
    for (const Mistake& mistake : loaded.mistakes) lines.push_back(mistake.to_string());
    return lines;
  };
  EXPECT_EQ(of("proto: p.proto"), Lines{"/none/a:1:19: schemas[0].proto: cannot read "
                                        "/none/p.proto: No such file or directory"});
  EXPECT_EQ(of("descriptor_set: /"),
            Lines{"/none/a:1:28: schemas[0].descriptor_set: cannot read /: it is a directory"});
}

TEST(Protobuf, paths_are_checked_against_the_message) {
  const test::TempDir folder;
  folder.write("p.proto",
               "syntax = \"proto3\"; message Sample { double temp = 1; }\n"
               "message Press { repeated Sample samples = 1; string machine = 2; }\n");
  const auto load = [&](std::string_view decode, std::string_view point) {
    const std::string text =
        "schemas: [{proto: p.proto}]\n" +
        with_route("    decode: {type: protobuf, message: Press" + std::string(decode) +
                   "}\n    point: " + std::string(point) + '\n');
    Lines lines;
    for (const Mistake& mistake : load_text(text, folder.path("a")).mistakes) {
      lines.push_back(mistake.message);
    }
    return lines;
  };
  EXPECT_EQ(load("", "{y: \"samples[0].temp\", m: machine}"), Lines{});
  EXPECT_EQ(load(", each: samples", "{y: temp, m: machine}"), Lines{});
  EXPECT_EQ(load("", "{y: machin}"),
            Lines{"routes[1].point.y: message Press has no field `machin`; did you mean `machine`? "
                  "allowed: samples, machine"});
  EXPECT_EQ(load(", each: samples", "{y: tmp}"),
            Lines{"routes[1].point.y: message Press has no field `tmp`, nor have the elements of "
                  "`each`; did you mean `temp`? allowed: samples, machine, temp"});
  EXPECT_EQ(load(", each: machine", "{y: $value}"),
            Lines{"routes[1].decode.each: field `machine` is not repeated"});
  // What an element has is not known then: what the point says of it is no further mistake.
  EXPECT_EQ(load(", each: sampels", "{x: when, y: temp, m: machine}"),
            Lines{"routes[1].decode.each: message Press has no field `sampels`; did you mean "
                  "`samples`? allowed: samples, machine"});
}

}  // namespace
}  // namespace plotbridge::config
