#include "plugin/config/payload_fields.h"

#include "plugin/config/did_you_mean.h"
#include "plugin/config/node.h"
#include "plugin/decode/proto_path.h"

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

Result<FieldPath> PayloadFields::find(std::string_view text) const {
  if (text == "$value") return find_value();
  switch (decode_.type) {
    case DecodeType::kNumber:
    case DecodeType::kText:
      return invalid("decode type `" + std::string(name_of(decode_.type)) + "` has no field " +
                     shown(text) + ": use $value, the decode type json, or {constant: ...}");
    case DecodeType::kCsv:
    case DecodeType::kBinary:
      return find_listed(text);
    case DecodeType::kSparkplug:
      return find_of_metric(text);
    case DecodeType::kJson:
    case DecodeType::kProtobuf:
      break;
  }
  auto path = FieldPath::parse(text);
  if (!path) return invalid(path.error().message);
  return message_ != nullptr ? find_in_message(*std::move(path)) : path;
}

// A metric has no fields but these.
Result<FieldPath> PayloadFields::find_of_metric(std::string_view text) const {
  if (text == "$metric" || text == "$timestamp") return FieldPath{{std::string(text)}};
  return invalid("a Sparkplug metric has no field " + shown(text) +
                 ": use $value, $metric or $timestamp, or choose metrics by decode.metrics");
}

Result<FieldPath> PayloadFields::find_value() const {
  const bool listed = decode_.type == DecodeType::kCsv || decode_.type == DecodeType::kBinary;
  const auto names = names_of(decode_);
  if (!listed || names.size() <= 1) return FieldPath{};
  const std::string part(part_of(decode_.type));
  return invalid("$value is the only " + part + ", but there are " + std::to_string(names.size()) +
                 ": name one of " + comma_list(names));
}

// A column or field of the list, which may have dots in its name.
Result<FieldPath> PayloadFields::find_listed(std::string_view text) const {
  const auto names = names_of(decode_);
  FieldPath whole;
  whole.steps.emplace_back(std::string(text));
  if (names.empty() || std::ranges::find(names, text) != names.end()) return whole;
  const auto unknown = [&] {
    return invalid("there is no " + std::string(part_of(decode_.type)) + ' ' + shown(text) +
                   correction(text, names));
  };
  if (decode_.type == DecodeType::kCsv) return unknown();
  auto path = FieldPath::parse(text);
  if (!path) return invalid(path.error().message);
  if (path->steps.size() != 2) return unknown();
  const auto* name = std::get_if<std::string>(&path->steps[0]);
  const auto* bit = std::get_if<std::size_t>(&path->steps[1]);
  const auto field = std::ranges::find_if(decode_.fields, [&](const BinaryField& known) {
    return name != nullptr && known.name == *name;
  });
  if (field == decode_.fields.end() || bit == nullptr) return unknown();
  if (field->type != BinaryField::Type::kBits || field->bits != 8) {
    return invalid("field " + shown(field->name) + " is one number: only eight bits have an index");
  }
  if (*bit > 7) return invalid("a byte has the bits 0 to 7, found " + std::to_string(*bit));
  return path;
}

// An element of `each` has its fields beside those of the message.
Result<FieldPath> PayloadFields::find_in_message(FieldPath path) const {
  const decode::ProtoType* element = nullptr;
  if (decode_.each) {
    element = decode::element_type(decode::find_proto_field(*message_, *decode_.each));
  }
  if (element != nullptr && decode::find_proto_field(*element, path).flaw.empty()) return path;
  const auto end = decode::find_proto_field(*message_, path);
  if (end.flaw.empty()) return path;
  std::vector<std::string> names = end.names;
  std::string flaw = end.flaw;
  if (element != nullptr && !end.unknown.empty()) {
    flaw += ", nor have the elements of `each`";
    for (const decode::ProtoField& field : element->fields) names.push_back(field.name);
  }
  if (end.unknown.empty()) return invalid(std::move(flaw));
  return invalid(flaw + correction(end.unknown, names));
}

Result<FieldPath> PayloadFields::find_repeated(std::string_view text) const {
  // A JSON document itself may be the array.
  if (text == "$value" && decode_.type == DecodeType::kJson) return FieldPath{};
  auto path = FieldPath::parse(text);
  if (!path) return invalid(path.error().message);
  if (message_ == nullptr) return path;
  const auto end = decode::find_proto_field(*message_, *path);
  if (!end.flaw.empty()) {
    return invalid(end.flaw + (end.unknown.empty() ? "" : correction(end.unknown, end.names)));
  }
  const bool list = end.field != nullptr && end.field->repeated && !end.field->map && !end.element;
  if (!list) return invalid("field " + shown(text) + " is not repeated");
  const auto is_index = [](const FieldPath::Step& step) {
    return std::holds_alternative<std::size_t>(step);
  };
  if (std::ranges::any_of(path->steps, is_index)) {
    return invalid("a list inside of one element of a list cannot be split");
  }
  return path;
}

}  // namespace plotbridge::config
