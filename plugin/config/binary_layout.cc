#include "plugin/config/binary_layout.h"

#include "plugin/config/did_you_mean.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace plotbridge::config {
namespace {

using Type = BinaryField::Type;

struct TypeName {
  std::string_view name;
  Type type;
  std::size_t size;
};
constexpr std::array<TypeName, 11> kTypes{{{"u8", Type::kUnsigned, 1},
                                           {"u16", Type::kUnsigned, 2},
                                           {"u32", Type::kUnsigned, 4},
                                           {"u64", Type::kUnsigned, 8},
                                           {"i8", Type::kSigned, 1},
                                           {"i16", Type::kSigned, 2},
                                           {"i32", Type::kSigned, 4},
                                           {"i64", Type::kSigned, 8},
                                           {"f32", Type::kFloat, 4},
                                           {"f64", Type::kFloat, 8},
                                           {"bits", Type::kBits, 1}}};

// A payload is never larger than broker.max_payload may be.
constexpr std::size_t kMostBytes = std::size_t{256} << 20;

bool take_number(std::string_view& text, std::size_t most, std::size_t& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || out > most) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

bool take_character(std::string_view& text, char character) {
  if (!text.starts_with(character)) return false;
  text.remove_prefix(1);
  return true;
}

/// A byte; of bits also byte.bit and byte.first-last. False when it is none.
bool parse_place(std::string_view text, BinaryField& field) {
  if (!take_number(text, kMostBytes, field.at)) return false;
  if (field.type == Type::kBits && take_character(text, '.')) {
    std::size_t first = 0;
    if (!take_number(text, 7, first)) return false;
    std::size_t last = first;
    if (take_character(text, '-') && (!take_number(text, 7, last))) return false;
    if (last < first) std::swap(first, last);
    field.low_bit = static_cast<unsigned>(first);
    field.bits = static_cast<unsigned>(last - first + 1);
  }
  return text.empty();
}

bool read_type(const MapReader& map, BinaryField& field) {
  std::string name;
  map.require("type", "one of u8 to u64, i8 to i64, f32, f64, bits");
  if (!map.text("type", name)) return false;
  const auto known = std::ranges::find(kTypes, name, &TypeName::name);
  if (known == kTypes.end()) {
    std::vector<std::string_view> names;
    for (const TypeName& type : kTypes) names.push_back(type.name);
    map.wrong("type", "unknown value " + shown(name) + correction(name, names));
    return false;
  }
  field.type = known->type;
  field.size = known->size;
  return true;
}

void read_scale(const MapReader& map, BinaryField& field) {
  map.number("scale", field.scale);
  map.number("offset", field.offset);
  const bool array = field.type == Type::kBits && field.bits == 8;
  for (const std::string_view key : {"scale", "offset"}) {
    if (array && map.has(key)) {
      map.wrong(key, "eight bits are an array: take one (at: 6.3) or some (at: 6.0-3)");
    }
  }
}

}  // namespace

std::vector<BinaryField> read_binary_layout(const MapReader& decode) {
  std::vector<BinaryField> fields;
  decode.require("fields", "for example fields: [{name: temperature, type: i16, scale: 0.1}]");
  std::size_t next = 0;
  for (const MapReader& map : decode.maps("fields")) {
    BinaryField field;
    map.require("name", "what the point calls it");
    map.text("name", field.name);
    const bool typed = read_type(map, field);
    field.at = next;
    std::string at;
    if (map.text("at", at) && typed && !parse_place(at, field)) {
      map.wrong("at", "expected a byte such as 6" +
                          std::string(field.type == Type::kBits
                                          ? ", a bit of it such as 6.3, or some such as 6.0-3"
                                          : "") +
                          ", found " + shown(at));
    }
    read_scale(map, field);
    const bool doubled = std::ranges::find(fields, field.name, &BinaryField::name) != fields.end();
    if (doubled && !field.name.empty()) map.wrong("name", shown(field.name) + " is there twice");
    next = field.at + field.size;
    fields.push_back(std::move(field));
  }
  if (decode.has("fields") && decode.find("fields")->is_list() && fields.empty()) {
    decode.wrong("fields", "the list is empty");
  }
  return fields;
}

}  // namespace plotbridge::config
