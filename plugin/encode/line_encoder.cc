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

void append_value(const Value& value, TimeFormat time_format, std::string& out) {
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kNull:
      out.append(kNull);
      break;
    case Value::Kind::kNumber:
      // What has no JSON number (a NaN, an infinity) is null.
      out.append(is_json_number(value.text) ? value.text : kNull);
      break;
    case Value::Kind::kText:
      append_json_string(value.text, out);
      break;
    case Value::Kind::kJson:
      if (!append_compact_json(value.text, out)) out.append(kNull);
      break;
    case Value::Kind::kTime:
      append_time(value.time, time_format, out);
      break;
  }
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
  for (std::size_t i = 0; i < before_.size(); ++i) {
    out.append(before_[i]);
    const std::size_t value_start = out.size();
    append_value(values[i], time_format_, out);
    if (i == y_index_) {
      line.y_offset = value_start - start;
      line.y_size = out.size() - value_start;
    }
  }
  out.append(after_);
  line.bytes = std::string_view(out).substr(start);
  return line;
}

}  // namespace plotbridge::encode
