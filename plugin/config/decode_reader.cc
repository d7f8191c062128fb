#include "plugin/config/decode_reader.h"

#include "plugin/config/binary_layout.h"
#include "plugin/config/did_you_mean.h"
#include "plugin/config/value_change_reader.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <unordered_set>

namespace plotbridge::config {
namespace {

/// A key that only some types have.
struct TypedKey {
  std::string_view name;
  std::initializer_list<DecodeType> types;
};
const std::initializer_list<TypedKey> kTypedKeys{
    {"columns", {DecodeType::kCsv}},
    {"delimiter", {DecodeType::kCsv}},
    {"header", {DecodeType::kCsv}},
    {"endian", {DecodeType::kBinary}},
    {"fields", {DecodeType::kBinary}},
    {"message", {DecodeType::kProtobuf}},
    {"delimited", {DecodeType::kProtobuf}},
    {"metrics", {DecodeType::kSparkplug}},
    {"host", {DecodeType::kSparkplug}},
    {"host_id", {DecodeType::kSparkplug}},
    {"each", {DecodeType::kJson, DecodeType::kProtobuf}},
    {"timestamp",
     {DecodeType::kJson, DecodeType::kCsv, DecodeType::kBinary, DecodeType::kProtobuf}},
};

void check_typed_keys(const MapReader& map, DecodeType type) {
  for (const TypedKey& key : kTypedKeys) {
    if (!map.has(key.name) || std::ranges::find(key.types, type) != key.types.end()) continue;
    std::vector<std::string_view> types;
    for (const DecodeType other : key.types) types.push_back(name_of(other));
    map.mistakes().add(map.key_mark(key.name), map.path_of(key.name),
                       "makes no sense with the decode type `" + std::string(name_of(type)) +
                           "`: it belongs to " + comma_list(types));
  }
}

void read_csv(const MapReader& map, DecodeSpec& spec) {
  map.boolean("header", spec.header);
  std::unordered_set<std::string_view> seen;
  for (const auto& [node, path] : map.texts("columns")) {
    if (!seen.insert(node->text).second) {
      map.mistakes().add(node->mark, path, shown(node->text) + " is there twice");
    }
    spec.columns.push_back(node->text);
  }
  if (spec.header && map.has("columns")) {
    map.wrong("columns", "makes no sense beside `header: true`: the first row names the columns");
  }
  std::string delimiter;
  if (!map.text("delimiter", delimiter)) return;
  if (delimiter == "\\t" || delimiter == "tab") delimiter = "\t";
  if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\n" || delimiter == "\r") {
    map.wrong("delimiter",
              "expected one character such as ; or \"\\t\", found " + shown(delimiter));
  } else {
    spec.delimiter = delimiter.front();
  }
}

/// The message's type; null: what is wrong was told.
const decode::ProtoType* read_message(const MapReader& map, const decode::ProtoSchemas* schemas,
                                      DecodeSpec& spec) {
  map.boolean("delimited", spec.delimited);
  map.require("message", "the full name of the message, such as plant.v1.Telemetry");
  if (!map.text("message", spec.message)) return nullptr;
  if (schemas == nullptr) {
    map.wrong("message", "where is it? add `schemas: [{proto: FILE}]` at the top");
    return nullptr;
  }
  const decode::ProtoType* type = schemas->find(spec.message);
  const auto names = schemas->message_names();
  // Of schemas that cannot be read at all that alone is told.
  if (type == nullptr && !names.empty()) {
    map.wrong("message",
              "no schema has a message " + shown(spec.message) + correction(spec.message, names));
  }
  if (type != nullptr) spec.message = type->name;
  return type;
}

void read_sparkplug(const MapReader& map, DecodeSpec& spec) {
  for (const auto& [node, path] : map.texts("metrics")) spec.metrics.push_back(node->text);
  map.choice("host",
             {{"passive", SparkplugHostRole::kPassive},
              {"active", SparkplugHostRole::kActive},
              {"primary", SparkplugHostRole::kPrimary}},
             spec.host);
  if (spec.host == SparkplugHostRole::kPrimary) {
    map.require("host_id", "the name that edge nodes know the primary host by");
    map.text("host_id", spec.host_id);
    if (spec.host_id.find_first_of("/+#") != std::string::npos) {
      map.wrong("host_id", "a host's name has none of / + #");
      spec.host_id.clear();
    }
  } else if (map.has("host_id")) {
    map.wrong("host_id", "makes no sense without `host: primary`");
  }
  if (spec.compression != Compression::kNone) {
    map.wrong("compression", "Sparkplug has its own, which is always understood: leave it out");
  }
}

void read_timestamp(const MapReader& map, PayloadFields& fields) {
  const auto timestamp = map.map("timestamp");
  if (!timestamp) return;
  TimestampSpec result;
  read_time_unit(*timestamp, "unit", result.unit);
  timestamp->require("field", "which field is the payload's own time");
  std::string text;
  if (!timestamp->text("field", text)) return;
  auto field = fields.find(text);
  if (!field) {
    timestamp->wrong("field", field.error().message);
    return;
  }
  result.field = *std::move(field);
  fields.set_timestamp(std::move(result));
}

void read_max_points(const MapReader& map, DecodeSpec& spec) {
  // More would hold memory and the callback for longer than one message may.
  constexpr std::int64_t kMostPoints = 100'000;
  std::int64_t points = 0;
  if (map.integer("max_points", 1, kMostPoints, points)) {
    spec.max_points = static_cast<std::size_t>(points);
  }
}

void read_each(const MapReader& map, PayloadFields& fields) {
  std::string text;
  if (!map.text("each", text)) return;
  if (auto path = fields.find_repeated(text)) {
    fields.set_each(*std::move(path));
  } else {
    map.wrong("each", path.error().message);
    fields.forget_message();
  }
}

}  // namespace

std::optional<PayloadFields> read_decode(const MapReader& decode,
                                         const decode::ProtoSchemas* schemas) {
  DecodeSpec spec;
  if (decode.usable() && decode.has("type")) {
    const bool known = decode.choice("type",
                                     {{"number", DecodeType::kNumber},
                                      {"text", DecodeType::kText},
                                      {"json", DecodeType::kJson},
                                      {"csv", DecodeType::kCsv},
                                      {"binary", DecodeType::kBinary},
                                      {"protobuf", DecodeType::kProtobuf},
                                      {"sparkplug", DecodeType::kSparkplug}},
                                     spec.type);
    if (!known) return std::nullopt;
  }
  check_typed_keys(decode, spec.type);
  decode.choice("compression",
                {{"none", Compression::kNone},
                 {"gzip", Compression::kGzip},
                 {"zlib", Compression::kZlib},
                 {"zstd", Compression::kZstd},
                 {"auto", Compression::kAuto}},
                spec.compression);
  read_max_points(decode, spec);
  if (spec.type == DecodeType::kCsv) read_csv(decode, spec);
  if (spec.type == DecodeType::kBinary) {
    decode.choice("endian", {{"little", Endian::kLittle}, {"big", Endian::kBig}}, spec.endian);
    spec.fields = read_binary_layout(decode);
  }
  if (spec.type == DecodeType::kSparkplug) read_sparkplug(decode, spec);
  const decode::ProtoType* message = nullptr;
  if (spec.type == DecodeType::kProtobuf) {
    message = read_message(decode, schemas, spec);
  }
  PayloadFields fields(std::move(spec), message);
  read_each(decode, fields);
  read_timestamp(decode, fields);
  return fields;
}

}  // namespace plotbridge::config
