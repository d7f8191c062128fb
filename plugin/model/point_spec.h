// What a route's `point` says: the keys of a line, in order, and where each value comes from. Read
// by config, carried out by shape (values) and encode (keys). Pure value; any thread.
#pragma once

#include "plugin/model/capture_template.h"
#include "plugin/model/field_path.h"
#include "plugin/model/time_unit.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge {

/// What is done to a field's value before it is written, in this order.
struct ValueChange {
  /// What a value stands for: its text, and compact JSON.
  std::vector<std::pair<std::string, std::string>> map;
  std::optional<double> scale;
  std::optional<double> offset;
  std::optional<int> round;      // decimals
  std::optional<TimeUnit> time;  // the value is a time, written in the stream's time format

  bool changes() const { return !map.empty() || scale || offset || round || time; }
  bool operator==(const ValueChange&) const = default;
};

struct PointSource {
  enum class Kind {
    kReceived,  // $received
    kValue,     // $value
    kTopic,     // $topic
    kField,     // a field path
    kTemplate,  // a template of captures
    kConstant,  // {constant: ...}
  };
  Kind kind = Kind::kValue;
  FieldPath field;       // kField
  CaptureTemplate text;  // kTemplate
  std::string json;      // kConstant: compact JSON
  /// kField: the compact JSON to write when the field is missing, or not in the map. Without it
  /// that is a decode error.
  std::optional<std::string> missing_json;
  ValueChange change;  // kValue and kField
};

struct PointItem {
  /// A dot nests: "marker.color".
  std::string key;
  PointSource source;
};

using PointSpec = std::vector<PointItem>;

}  // namespace plotbridge
