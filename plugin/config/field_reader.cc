#include "plugin/config/field_reader.h"

#include "plugin/config/did_you_mean.h"
#include "plugin/config/node.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace plotbridge::config {
namespace {

std::vector<std::string_view> names_of(const DecodeSpec& decode) {
  std::vector<std::string_view> names;
  const auto add = [&](const std::string& name) {  // doubled and missing ones are told elsewhere
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const std::string& column : decode.columns) add(column);
  for (const BinaryField& field : decode.fields) add(field.name);
  return names;
}

tl::unexpected<Error> invalid(std::string what) {
  return fail(ErrorKind::kInvalid, std::move(what));
}

std::string_view part_of(DecodeType type) { return type == DecodeType::kCsv ? "column" : "field"; }

Result<FieldPath> read_value(const DecodeSpec& decode) {
  const bool listed = decode.type == DecodeType::kCsv || decode.type == DecodeType::kBinary;
  const auto names = names_of(decode);
  if (!listed || names.size() <= 1) return FieldPath{};
  const std::string part(part_of(decode.type));
  return invalid("$value is the only " + part + ", but there are " + std::to_string(names.size()) +
                 ": name one of " + comma_list(names));
}

/// A column or field of the list, which may have dots in its name.
Result<FieldPath> read_listed(std::string_view text, const DecodeSpec& decode) {
  const auto names = names_of(decode);
  FieldPath whole;
  whole.steps.emplace_back(std::string(text));
  if (names.empty() || std::ranges::find(names, text) != names.end()) return whole;
  const auto unknown = [&] {
    return invalid("there is no " + std::string(part_of(decode.type)) + ' ' + shown(text) +
                   correction(text, names));
  };
  if (decode.type == DecodeType::kCsv) return unknown();
  auto path = FieldPath::parse(text);
  if (!path) return invalid(path.error().message);
  if (path->steps.size() != 2) return unknown();
  const auto* name = std::get_if<std::string>(&path->steps[0]);
  const auto* bit = std::get_if<std::size_t>(&path->steps[1]);
  const auto field = std::ranges::find_if(decode.fields, [&](const BinaryField& known) {
    return name != nullptr && known.name == *name;
  });
  if (field == decode.fields.end() || bit == nullptr) return unknown();
  if (field->type != BinaryField::Type::kBits || field->bits != 8) {
    return invalid("field " + shown(field->name) + " is one number: only eight bits have an index");
  }
  if (*bit > 7) return invalid("a byte has the bits 0 to 7, found " + std::to_string(*bit));
  return path;
}

}  // namespace

std::string_view name_of(DecodeType type) {
  switch (type) {
    case DecodeType::kNumber:
      return "number";
    case DecodeType::kText:
      return "text";
    case DecodeType::kJson:
      return "json";
    case DecodeType::kCsv:
      return "csv";
    case DecodeType::kBinary:
      return "binary";
    case DecodeType::kProtobuf:
      return "protobuf";
    case DecodeType::kSparkplug:
      return "sparkplug";
  }
  return "";
}

Result<FieldPath> read_field(std::string_view text, const DecodeSpec& decode) {
  if (text == "$value") return read_value(decode);
  switch (decode.type) {
    case DecodeType::kNumber:
    case DecodeType::kText:
      return invalid("decode type `" + std::string(name_of(decode.type)) + "` has no field " +
                     shown(text) + ": use $value, the decode type json, or {constant: ...}");
    case DecodeType::kCsv:
    case DecodeType::kBinary:
      return read_listed(text, decode);
    case DecodeType::kJson:
    case DecodeType::kProtobuf:
    case DecodeType::kSparkplug:
      break;
  }
  auto path = FieldPath::parse(text);
  if (!path) return invalid(path.error().message);
  return path;
}

}  // namespace plotbridge::config
