#include "plugin/config/point_reader.h"

#include "plugin/config/did_you_mean.h"
#include "plugin/config/json_text.h"
#include "plugin/config/point_keys.h"
#include "plugin/config/value_change_reader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace plotbridge::config {
namespace {

constexpr std::array<std::string_view, 5> kSpecials{"$received", "$value", "$topic", "$timestamp",
                                                    "$metric"};
constexpr std::string_view kExpected =
    "expected $received, $value, $topic, a field path, a \"{capture}\", {constant: ...} or "
    "{field: ...}";

class ValueReader {
 public:
  ValueReader(const MapReader& point, const PointScope& scope)
      : own_block_(*point.own_block()), scope_(scope), mistakes_(point.mistakes()) {}

  /// Nothing when what was wrong was told.
  std::optional<PointSource> read(const Node& value, const std::string& path) {
    if (value.is_map()) return read_map(value, path);
    if (!value.is_scalar()) {
      return bad(value.mark, path,
                 std::string(kExpected) + ", found " + std::string(kind_name(value)));
    }
    const std::string& text = value.text;
    if (text.empty()) return bad(value.mark, path, std::string(kExpected) + ", found nothing");
    if (text.front() == '$') return read_special(value, path);
    if (text.find_first_of("{}") != std::string::npos) return read_template(value, path);
    if (scalar_type(value) != ScalarType::kText) {
      return bad(value.mark, path,
                 shown(text) + " would be a field's name: write {constant: " + text +
                     "} for the value, or {field: \"" + text + "\"}");
    }
    return read_field(text, value.mark, path);
  }

 private:
  std::nullopt_t bad(Mark mark, const std::string& path, std::string_view what) {
    mistakes_.add(mark, path, what);
    return std::nullopt;
  }

  static PointSource source(PointSource::Kind kind) {
    PointSource result;
    result.kind = kind;
    return result;
  }

  std::optional<PointSource> read_special(const Node& value, const std::string& path) {
    if (value.text == "$received") return source(PointSource::Kind::kReceived);
    if (value.text == "$value") {
      if (!scope_.payload) return source(PointSource::Kind::kValue);
      const auto whole = scope_.payload->find(value.text);
      if (!whole) return bad(value.mark, path, whole.error().message);
      return source(PointSource::Kind::kValue);
    }
    if (value.text == "$topic") return source(PointSource::Kind::kTopic);
    if (value.text == "$timestamp") return read_timestamp(value, path);
    if (value.text == "$metric") {
      // Of a decode type that is not built that alone is told.
      if (!scope_.payload) return std::nullopt;
      if (scope_.payload->decode().type == DecodeType::kSparkplug) return special_field(value.text);
      return bad(value.mark, path, "$metric is only there with the decode type `sparkplug`");
    }
    const auto near = nearest(value.text, kSpecials);
    return bad(value.mark, path,
               "unknown " + shown(value.text) +
                   (near ? "; did you mean `" + std::string(*near) + "`?" : ";") +
                   " allowed: " + comma_list(kSpecials));
  }

  static PointSource special_field(const std::string& name) {
    PointSource result = source(PointSource::Kind::kField);
    result.field.steps.emplace_back(name);
    return result;
  }

  /// The payload's own time is a field with a unit.
  std::optional<PointSource> read_timestamp(const Node& value, const std::string& path) {
    if (!scope_.payload) return std::nullopt;
    if (scope_.payload->decode().type == DecodeType::kSparkplug) return special_field(value.text);
    if (!scope_.payload->decode().timestamp) {
      return bad(value.mark, path,
                 "$timestamp needs to know where it is: decode: {timestamp: {field: ..., unit: "
                 "...}}; or use $received");
    }
    PointSource result = source(PointSource::Kind::kField);
    result.field = scope_.payload->decode().timestamp->field;
    result.change.time = scope_.payload->decode().timestamp->unit;
    return result;
  }

  std::optional<PointSource> read_template(const Node& value, const std::string& path) {
    auto text = CaptureTemplate::parse(value.text);
    if (!text) return bad(value.mark, path, text.error().message);
    check_captures(*text, scope_.captures, value.mark, path, mistakes_);
    PointSource result = source(PointSource::Kind::kTemplate);
    result.text = *std::move(text);
    return result;
  }

  std::optional<PointSource> read_field(const std::string& text, Mark mark,
                                        const std::string& path) {
    auto field = scope_.payload ? scope_.payload->find(text) : FieldPath::parse(text);
    if (!field) return bad(mark, path, field.error().message);
    PointSource result = source(PointSource::Kind::kField);
    result.field = *std::move(field);
    return result;
  }

  std::optional<PointSource> read_map(const Node& value, const std::string& path) {
    if (value.items.size() == 1 && value.items.front().is_null() &&
        own_block_.find(value.keys.front().name) == nullptr) {
      const std::string text = "\"{" + value.keys.front().name + "}\"";
      return bad(value.mark, path, "found a map; a template is quoted: " + text);
    }
    const MapReader map(value, path, own_block_, mistakes_);
    const Node* constant = map.find("constant");
    const Node* field = map.find("field");
    if (constant != nullptr) return read_constant(map, *constant);
    if (field == nullptr) {
      // A key that was told is enough: `{feild: a}` is one mistake.
      const bool told = !value.keys.empty() && !map.any();
      return told ? std::nullopt : bad(value.mark, path, "needs `constant` or `field`");
    }
    std::string text;
    if (!map.text("field", text)) return std::nullopt;
    if (text != "$value" && std::ranges::find(kSpecials, text) != kSpecials.end()) {
      return bad(field->mark, map.path_of("field"),
                 shown(text) + " is no field: write it in place of the map");
    }
    auto result = read_field(text, field->mark, map.path_of("field"));
    const ValueChange change = read_value_change(map);
    const Node* missing = map.find("default");
    std::string json;
    if (missing != nullptr) json = to_json(*missing, map.path_of("default"), mistakes_);
    if (!result) return result;
    result->change = change;
    if (missing != nullptr) result->missing_json = std::move(json);
    return result;
  }

  std::optional<PointSource> read_constant(const MapReader& map, const Node& constant) {
    for (const std::string_view other :
         {"field", "default", "map", "scale", "offset", "round", "time"}) {
      if (map.has(other)) {
        return bad(map.key_mark(other), map.path_of(other), "makes no sense beside `constant`");
      }
    }
    PointSource result = source(PointSource::Kind::kConstant);
    result.json = to_json(constant, map.path_of("constant"), mistakes_);
    return result;
  }

  const Block& own_block_;
  const PointScope& scope_;
  Mistakes& mistakes_;
};

}  // namespace

PointSpec read_point(const MapReader& point, const PointScope& scope) {
  PointSpec spec;
  PointKeys keys;
  ValueReader values(point, scope);
  bool any = false;
  point.each_own([&](const Node::Key& key, const Node& value, const std::string& path) {
    any = true;
    if (const auto flaw = keys.add(key.name); !flaw.empty()) {
      point.mistakes().add(key.mark, path, flaw);
    }
    if (auto source = values.read(value, path)) spec.push_back({key.name, *std::move(source)});
  });
  if (!any && point.usable()) {
    point.mistakes().add(point.mark(), point.path(), "has no keys: leave it out, or name one");
  }
  return spec;
}

PointSpec default_point(DecodeType type) {
  PointSource received;
  received.kind = PointSource::Kind::kReceived;
  if (type == DecodeType::kSparkplug) {
    received.kind = PointSource::Kind::kField;
    received.field.steps.emplace_back("$timestamp");
  }
  PointSource value;
  value.kind = PointSource::Kind::kValue;
  return {{"x", std::move(received)}, {"y", std::move(value)}};
}

void check_captures(const CaptureTemplate& text,
                    const std::optional<std::vector<std::string>>& captures, Mark mark,
                    const std::string& path, Mistakes& mistakes) {
  if (!captures) return;
  const std::vector<std::string_view> names(captures->begin(), captures->end());
  for (const CaptureTemplate::Part& part : text.parts) {
    if (!part.capture || std::ranges::find(names, part.text) != names.end()) continue;
    mistakes.add(mark, path,
                 "the topic captures no " + shown('{' + part.text + '}') +
                     (names.empty() ? "; a topic captures like plant/{line}/temperature"
                                    : correction(part.text, names)));
  }
}

}  // namespace plotbridge::config
