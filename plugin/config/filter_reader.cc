#include "plugin/config/filter_reader.h"

#include "plugin/config/json_text.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace plotbridge::config {
namespace {

using namespace std::chrono_literals;

void add_scalar(const MapReader& map, const Node& node, const std::string& path, WhenSpec& spec) {
  if (node.is_list() || node.is_map()) {
    tell_expected(map.mistakes(), node, path, "a number, a text, true, false or null");
  } else {
    spec.one_of.push_back(to_json(node, path, map.mistakes()));
  }
}

void read_one_of(const MapReader& map, WhenSpec& spec) {
  if (const Node* equals = map.find("equals")) {
    add_scalar(map, *equals, map.path_of("equals"), spec);
  }
  const Node* in = map.find("in");
  if (in == nullptr) return;
  if (map.has("equals")) map.wrong("in", "makes no sense beside `equals`: give one of them");
  if (!in->is_list() || in->items.empty()) {
    map.wrong("in", "expected a list of values such as [RUNNING, IDLE]");
    return;
  }
  for (std::size_t i = 0; i < in->items.size(); ++i) {
    add_scalar(map, in->items[i], map.path_of("in") + '[' + std::to_string(i) + ']', spec);
  }
}

}  // namespace

std::optional<WhenSpec> read_when(const MapReader& when,
                                  const std::optional<PayloadFields>& payload) {
  WhenSpec spec;
  when.require("field", "which field decides, or $value");
  std::string text;
  if (when.text("field", text) && payload) {
    if (auto field = payload->find(text)) {
      spec.field = *std::move(field);
    } else {
      when.wrong("field", field.error().message);
    }
  }
  read_one_of(when, spec);
  double limit = 0;
  if (when.number("above", limit)) spec.above = limit;
  if (when.number("below", limit)) spec.below = limit;
  const bool any = when.has("equals") || when.has("in") || when.has("above") || when.has("below");
  if (!any && when.usable()) {
    when.mistakes().add(when.mark(), when.path(), "needs one of equals, in, above, below");
  }
  if (spec.above && spec.below && *spec.above >= *spec.below) {
    when.wrong("below", "no number is above " + when.find("above")->text + " and below " +
                            when.find("below")->text);
  }
  return any ? std::optional(std::move(spec)) : std::nullopt;
}

std::optional<DeadbandSpec> read_deadband(const MapReader& deadband, const PointSpec& point) {
  DeadbandSpec spec;
  deadband.require("absolute", "how far y must move to be written, for example 0.5");
  if (deadband.number("absolute", spec.absolute) && spec.absolute < 0) {
    deadband.wrong("absolute", "must not be negative");
  }
  Duration silence{};
  if (deadband.duration("max_silence", 1ms, 24h * 365, silence)) spec.max_silence = silence;
  if (std::ranges::find(point, "y", &PointItem::key) == point.end()) {
    deadband.mistakes().add(deadband.mark(), deadband.path(),
                            "compares `y`, and the point has no `y`");
  }
  return spec;
}

}  // namespace plotbridge::config
