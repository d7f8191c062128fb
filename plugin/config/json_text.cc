#include "plugin/config/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace plotbridge::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

std::size_t digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

/// 0o17 and 0x1F as decimal digits.
std::optional<std::string> from_base(std::string_view text) {
  const int base = text.starts_with("0o") ? 8 : text.starts_with("0x") ? 16 : 0;
  if (base == 0) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + 2, text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::to_string(value);
}

/// Every form of number that YAML has and JSON has not: +1, .5, 1., 007, 0x1F, .inf. Digits are
/// kept.
std::optional<std::string> json_number(std::string_view text) {
  if (auto value = from_base(text)) return value;
  std::string result;
  std::string_view rest = text;
  if (rest.starts_with('-')) result = "-";
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  if (one_of(rest, {".inf", ".Inf", ".INF"}) || one_of(text, {".nan", ".NaN", ".NAN"}))
    return "null";

  const std::string_view whole = rest.substr(0, digits(rest));
  rest.remove_prefix(whole.size());
  std::string_view fraction;
  if (rest.starts_with('.')) {
    fraction = rest.substr(1, digits(rest.substr(1)));
    rest.remove_prefix(1 + fraction.size());
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const std::size_t zeros = std::min(whole.find_first_not_of('0'), whole.size());
  result += zeros == whole.size() ? "0" : whole.substr(zeros);
  if (!fraction.empty()) result.append(".").append(fraction);
  if (rest.empty()) return result;

  if (rest.front() != 'e' && rest.front() != 'E') return std::nullopt;
  std::string_view exponent = rest.substr(1);
  if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
  if (exponent.empty() || digits(exponent) != exponent.size()) return std::nullopt;
  return result.append(rest);
}

void append(const Node& node, const std::string& path, Mistakes& mistakes, std::string& out);

void append_map(const Node& map, const std::string& path, Mistakes& mistakes, std::string& out) {
  std::unordered_set<std::string_view> seen;
  out += '{';
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const Node::Key& key = map.keys[i];
    const std::string key_path = path + '.' + key.name;
    if (!seen.insert(key.name).second) {
      mistakes.add(key.mark, key_path, "this key is there twice: remove one");
      continue;
    }
    if (out.back() != '{') out += ',';
    out += json_string(key.name) + ':';
    append(map.items[i], key_path, mistakes, out);
  }
  out += '}';
}

void append(const Node& node, const std::string& path, Mistakes& mistakes, std::string& out) {
  switch (node.kind) {
    case Node::Kind::kMap:
      append_map(node, path, mistakes, out);
      return;
    case Node::Kind::kList:
      out += '[';
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out += ',';
        append(node.items[i], path + '[' + std::to_string(i) + ']', mistakes, out);
      }
      out += ']';
      return;
    case Node::Kind::kNull:
    case Node::Kind::kScalar:
      break;
  }
  switch (scalar_type(node)) {
    case ScalarType::kNull:
      out += "null";
      return;
    case ScalarType::kBoolean:
      out += node.text.front() == 't' || node.text.front() == 'T' ? "true" : "false";
      return;
    case ScalarType::kNumber:
      out += *json_number(node.text);
      return;
    case ScalarType::kText:
      out += json_string(node.text);
      return;
  }
}

}  // namespace

ScalarType scalar_type(const Node& scalar) {
  if (scalar.is_null()) return ScalarType::kNull;
  if (scalar.quoted) return ScalarType::kText;
  if (one_of(scalar.text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
    return ScalarType::kBoolean;
  }
  return json_number(scalar.text) ? ScalarType::kNumber : ScalarType::kText;
}

std::string to_json(const Node& node, const std::string& path, Mistakes& mistakes) {
  std::string json;
  append(node, path, mistakes, json);
  return json;
}

std::string json_string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json.append({'\\', c});
    } else if (c == '\n') {
      json += "\\n";
    } else if (byte < 0x20) {
      json.append("\\u00").append({kHex[byte >> 4], kHex[byte & 15]});
    } else {
      json += c;
    }
  }
  return json + '"';
}

}  // namespace plotbridge::config
