// What a route's `point` says: the keys of a line, in order, and where each value comes from. Read
// by config, carried out by shape (values) and encode (keys). Pure value; any thread.
#pragma once

#include "plugin/model/capture_template.h"
#include "plugin/model/field_path.h"

#include <optional>
#include <string>
#include <vector>

namespace plotbridge {

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
  /// kField: the compact JSON to write when the field is missing. Without it that is a decode
  /// error.
  std::optional<std::string> missing_json;
};

struct PointItem {
  /// A dot nests: "marker.color".
  std::string key;
  PointSource source;
};

using PointSpec = std::vector<PointItem>;

}  // namespace plotbridge
