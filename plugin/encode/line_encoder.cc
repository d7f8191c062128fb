#include "plugin/encode/line_encoder.h"

#include "plugin/base/json_scan.h"
#include "plugin/encode/json_writer.h"
#include "plugin/encode/time_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace plotbridge::encode {
namespace {

constexpr std::string_view kNull = "null";
constexpr std::string_view kYKey = "y";

std::vector<std::string> split_at_dots(std::string_view key) {
  std::vector<std::string> names;
  for (;;) {
    const std::size_t dot = key.find('.');
    names.emplace_back(key.substr(0, dot));
    if (dot == std::string_view::npos) return names;
    key.remove_prefix(dot + 1);
  }
}

/// False: it needs more than `room` bytes, and nothing was appended.
bool append_value(const Value& value, TimeFormat time_format, std::size_t room, std::string& out) {
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kNull:
      out.append(kNull);
      break;
    case Value::Kind::kNumber:
      // What has no JSON number (a NaN, an infinity) is null.
      if (value.text.size() > room) return false;
      out.append(is_json_number(value.text) ? value.text : kNull);
      break;
    case Value::Kind::kText:
      return append_json_string(value.text, out, room);
    case Value::Kind::kJson: {
      const JsonAppend appended = append_compact_json(value.text, out, room);
      if (appended == JsonAppend::kNotJson) out.append(kNull);
      return appended != JsonAppend::kTooLong;
    }
    case Value::Kind::kTime:
      append_time(value.time, time_format, out);
      break;
  }
  return true;
}

}  // namespace

LineEncoder::LineEncoder(const std::vector<std::string>& keys, TimeFormat time_format)
    : y_index_(static_cast<std::size_t>(std::ranges::find(keys, kYKey) - keys.begin())),
      time_format_(time_format) {
  std::vector<std::string> parents;
  std::string literal = "{";
  for (const std::string& key : keys) {
    std::vector<std::string> names = split_at_dots(key);
    const std::string leaf = std::move(names.back());
    names.pop_back();
    const auto differ = std::ranges::mismatch(parents, names);
    literal.append(static_cast<std::size_t>(parents.end() - differ.in1), '}');
    if (!before_.empty()) literal += ',';
    for (auto name = differ.in2; name != names.end(); ++name) {
      append_json_string(*name, literal);
      literal += ":{";
    }
    append_json_string(leaf, literal);
    literal += ':';
    before_.push_back(std::move(literal));
    literal.clear();
    parents = std::move(names);
  }
  after_ = literal + std::string(parents.size() + 1, '}') + '\n';
}

Line LineEncoder::encode(std::span<const Value> values, std::string& out) const {
  const std::size_t start = out.size();
  Line line;
  if (!append_all(values, start + kMaxLineBytes, out, line)) {
    out.resize(start);
    return {};
  }
  line.y_offset -= start;
  line.bytes = std::string_view(out).substr(start);
  return line;
}

// Literals, times and nulls are short, so that only their sum is looked at.
bool LineEncoder::append_all(std::span<const Value> values, std::size_t end, std::string& out,
                             Line& line) const {
  line.y_offset = out.size();
  for (std::size_t i = 0; i < before_.size(); ++i) {
    out.append(before_[i]);
    const std::size_t value_start = out.size();
    if (!append_value(values[i], time_format_, end - std::min(end, value_start), out)) return false;
    if (i == y_index_) {
      line.y_offset = value_start;
      line.y_size = out.size() - value_start;
    }
  }
  out.append(after_);
  return out.size() <= end;
}

}  // namespace plotbridge::encode
