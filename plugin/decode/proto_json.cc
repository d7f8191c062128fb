#include "plugin/decode/proto_json.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/scratch.h"
#include "plugin/decode/json_text.h"
#include "plugin/decode/proto_scalar.h"

#include <unordered_map>
#include <utility>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kMostDepth = JsonScanner::kMaxValueDepth;

bool packable(const ProtoField& field) { return wire_type_of(field.kind) != WireType::kBytes; }

}  // namespace

bool stopped(const WireReader& reader, const ProtoType& type, const ProtoBudget& budget,
             ProtoStop& stop) {
  if (!budget.refused().empty()) {
    stop = {reader.at(), budget.what(), type.name, budget.refused()};
    return false;
  }
  stop = {reader.at(), "expected " + std::string(reader.expected()), type.name};
  return false;
}

bool fits(const ProtoField& field, WireType type) {
  if (wire_type_of(field.kind) == type) return true;
  return field.repeated && type == WireType::kBytes && packable(field) &&
         field.kind != ProtoKind::kGroup;
}

bool read_value(WireReader& reader, const ProtoField& field, WireType type,
                std::vector<WireValue>& values, ProtoBudget& budget, std::size_t keep) {
  const auto put = [&](const WireValue& value) {
    if (values.size() >= keep) return true;
    if (!budget.hold()) return false;
    values.push_back(value);
    return true;
  };
  WireValue value;
  if (!reader.value(field.number, type, value)) return false;
  if (type != WireType::kBytes || !packable(field)) {
    return put(value);
  }
  WireReader packed(value.bytes);
  while (!packed.done()) {
    WireValue element;
    if (!packed.value(field.number, wire_type_of(field.kind), element)) {
      reader = packed;
      return false;
    }
    if (!put(element)) return false;
  }
  return true;
}

bool ProtoFields::read(const ProtoType& type, std::string_view bytes, ProtoStop& stop) {
  WireReader reader(bytes);
  if (!budget_.go_through(type.fields.size())) return stopped(reader, type, budget_, stop);
  for (auto& values : values_) budget_.release(values.size());
  values_.assign(type.fields.size(), {});
  while (!reader.done()) {
    std::uint32_t number = 0;
    WireType wire{};
    if (!reader.tag(number, wire)) return stopped(reader, type, budget_, stop);
    const std::size_t index = type.index_of(number);
    if (index == type.fields.size() || !fits(type.fields[index], wire)) {
      WireValue skipped;
      if (!reader.value(number, wire, skipped)) return stopped(reader, type, budget_, stop);
      continue;
    }
    const ProtoField& field = type.fields[index];
    if (!field.repeated && !is_message(field)) clear(index);
    if (field.oneof >= 0) {
      if (!budget_.go_through(type.fields.size())) return stopped(reader, type, budget_, stop);
      for (std::size_t other = 0; other < type.fields.size(); ++other) {
        if (other != index && type.fields[other].oneof == field.oneof) clear(other);
      }
    }
    if (!read_value(reader, field, wire, values_[index], budget_)) {
      return stopped(reader, type, budget_, stop);
    }
  }
  return true;
}

bool ProtoJson::read_entry(const ProtoField& map, std::string_view bytes, std::string& key,
                           WireValue& value) {
  ProtoFields fields(budget_);
  const ProtoType& type = *map.message;
  if (!fields.read(type, bytes, stop_)) return false;
  const auto keys = fields.of(type.index_of(1));
  const auto values = fields.of(type.index_of(2));
  const WireValue no_value;
  const WireValue& found = keys.empty() ? no_value : keys.back();
  key.clear();
  if (type.fields[type.index_of(1)].kind == ProtoKind::kString) {
    key = found.bytes;
  } else {
    append_scalar(type.fields[type.index_of(1)], found, key);
  }
  value = values.empty() ? no_value : values.back();
  if (values.size() <= 1 || !is_message(type.fields[type.index_of(2)])) return true;
  const auto whole = joined(values, type);
  value.bytes = whole.value_or("");
  return whole.has_value();
}

ProtoTime read_time(const ProtoFields& fields) {
  ProtoTime time;
  if (!fields.of(0).empty()) time.seconds = static_cast<std::int64_t>(fields.of(0).back().bits);
  if (!fields.of(1).empty()) time.nanos = static_cast<std::int32_t>(fields.of(1).back().bits);
  return time;
}

std::optional<std::string_view> ProtoJson::joined(std::span<const WireValue> pieces,
                                                  const ProtoType& type) {
  if (pieces.size() == 1) return pieces[0].bytes;
  std::size_t size = 0;
  for (const WireValue& piece : pieces) size += piece.bytes.size();
  if (!budget_.join(size)) {
    stopped(WireReader(pieces[0].bytes), type, budget_, stop_);
    return std::nullopt;
  }
  // Parsing two messages one after the other merges them.
  std::string& whole = joined_.emplace_back();
  whole.reserve(size);
  for (const WireValue& piece : pieces) whole += piece.bytes;
  return whole;
}

bool ProtoJson::append_message(const ProtoType& type, std::string_view bytes, std::string& out) {
  if (depth_ == kMostDepth) {
    return fail(bytes, "expected messages at most " + std::to_string(kMostDepth) + " deep", type);
  }
  ProtoFields fields(budget_);
  if (!fields.read(type, bytes, stop_)) return false;
  ++depth_;
  const bool good = type.well_known == WellKnown::kNone
                        ? append_fields(type, fields, out)
                        : append_well_known(type, fields, bytes, out);
  --depth_;
  return good && fits(out, bytes);
}

bool ProtoJson::append_fields(const ProtoType& type, const ProtoFields& fields, std::string& out) {
  char separator = '{';
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const ProtoField& field = type.fields[i];
    const auto values = fields.of(i);
    if (values.empty() && field.has_presence) continue;
    out += std::exchange(separator, ',');
    append_quoted(field.name, out);
    out += ':';
    if (values.empty() && !field.repeated) {
      out += field.default_json;
    } else if (!append_field(field, values, out)) {
      return false;
    }
    if (!fits(out, {})) return false;
  }
  if (separator == '{') out += '{';
  out += '}';
  return true;
}

bool ProtoJson::append_field(const ProtoField& field, std::span<const WireValue> values,
                             std::string& out) {
  if (field.map) return append_map(field, values, out);
  if (!field.repeated) {
    if (!is_message(field)) return append_value(field, values.back(), out);
    const auto whole = joined(values, *field.message);
    return whole && append_message(*field.message, *whole, out);
  }
  char separator = '[';
  for (const WireValue& value : values) {
    out += std::exchange(separator, ',');
    if (!append_value(field, value, out) || !fits(out, value.bytes)) return false;
  }
  out += values.empty() ? "[]" : "]";
  return true;
}

bool ProtoJson::append_value(const ProtoField& field, const WireValue& value, std::string& out) {
  if (is_message(field)) return append_message(*field.message, value.bytes, out);
  return append_scalar(field, value, out, room(out)) || refused(value.bytes);
}

bool ProtoJson::append_map(const ProtoField& field, std::span<const WireValue> entries,
                           std::string& out) {
  const ProtoField& value_field = field.message->fields[field.message->index_of(2)];
  std::vector<std::pair<std::string, WireValue>> members;
  std::unordered_map<std::string, std::size_t> known;  // of one key the last entry counts
  const OnExit release([&] { budget_.release_keys(members.size()); });
  std::size_t key_bytes = 0;
  for (const WireValue& entry : entries) {
    std::string key;
    WireValue value;
    if (!read_entry(field, entry.bytes, key, value)) return false;
    const auto [place, is_new] = known.emplace(key, members.size());
    if (is_new) {
      key_bytes += key.size();
      if (key_bytes > room(out)) return refused(entry.bytes);
      if (!budget_.hold_key()) {
        return stopped(WireReader(entry.bytes), *field.message, budget_, stop_);
      }
      members.emplace_back(std::move(key), value);
    } else {
      members[place->second].second = value;
    }
  }
  return append_members(value_field, members, out);
}

bool ProtoJson::append_members(const ProtoField& value_field,
                               std::span<const std::pair<std::string, WireValue>> members,
                               std::string& out) {
  char separator = '{';
  for (const auto& [key, value] : members) {
    out += std::exchange(separator, ',');
    if (!append_text(key, out)) return false;
    out += ':';
    if (!append_value(value_field, value, out) || !fits(out, value.bytes)) return false;
  }
  out += members.empty() ? "{}" : "}";
  return true;
}

bool ProtoJson::append_well_known(const ProtoType& type, const ProtoFields& fields,
                                  std::string_view bytes, std::string& out) {
  const auto only = fields.of(0);
  switch (type.well_known) {
    case WellKnown::kTimestamp:
      return append_timestamp(read_time(fields), out) ||
             fail(bytes, "expected a time of the years 1 to 9999", type);
    case WellKnown::kDuration:
      return append_duration(read_time(fields), out) ||
             fail(bytes, "expected a duration of at most 10,000 years", type);
    case WellKnown::kWrapper:
      if (only.empty()) {
        out += type.fields[0].default_json;
      } else {
        return append_value(type.fields[0], only.back(), out);
      }
      return true;
    case WellKnown::kStruct:
    case WellKnown::kListValue:
      return append_field(type.fields[0], only, out);
    case WellKnown::kValue:
      for (std::size_t i = 1; i < type.fields.size(); ++i) {  // 0 is null
        if (!fields.of(i).empty()) return append_field(type.fields[i], fields.of(i), out);
      }
      out += "null";
      return true;
    case WellKnown::kNone:
      break;
  }
  return append_fields(type, fields, out);
}

bool ProtoJson::refused(std::string_view bytes) {
  static_cast<void>(budget_.no_room());
  stop_ = {bytes.data(), budget_.what(), {}, budget_.refused()};
  return false;
}

bool ProtoJson::fail(std::string_view bytes, std::string what, const ProtoType& type) {
  stop_ = {bytes.data(), std::move(what), type.name};
  return false;
}

}  // namespace plotbridge::decode
