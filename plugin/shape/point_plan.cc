#include "plugin/shape/point_plan.h"

#include "plugin/base/json_scan.h"

#include <algorithm>
#include <utility>

namespace plotbridge::shape {
namespace {

/// The index of `item` in `items`, where it is added if it is new.
template <class T>
std::size_t index_of(std::vector<T>& items, T item) {
  const auto known = std::ranges::find(items, item);
  const auto index = static_cast<std::size_t>(known - items.begin());
  if (known == items.end()) items.push_back(std::move(item));
  return index;
}

Value value_of_json(std::string_view json) {
  if (json == "null") return Value::null();
  return is_json_number(json) ? Value::number(json) : Value::json(json);
}

}  // namespace

PointPlan::PointPlan(PointSpec spec) {
  for (PointItem& item : spec) {
    keys_.push_back(std::move(item.key));
    PointSource& source = item.source;
    Step step{source.kind, 0, false, {}};
    switch (source.kind) {
      case PointSource::Kind::kReceived:
      case PointSource::Kind::kTopic:
        break;
      case PointSource::Kind::kValue:
        step.index = index_of(fields_, FieldPath{});
        break;
      case PointSource::Kind::kField:
        step.index = index_of(fields_, std::move(source.field));
        step.has_missing = source.missing_json.has_value();
        step.json = std::move(source.missing_json).value_or("");
        break;
      case PointSource::Kind::kTemplate:
        step.index = index_of(templates_, std::move(source.text));
        break;
      case PointSource::Kind::kConstant:
        step.json = std::move(source.json);
        break;
    }
    steps_.push_back(std::move(step));
  }
}

const FieldPath* PointPlan::shape(std::span<const Value> slots, const Context& context,
                                  std::vector<Value>& values) const {
  values.clear();
  for (const Step& step : steps_) {
    switch (step.kind) {
      case PointSource::Kind::kReceived:
        values.push_back(Value::of_time(context.received_at));
        break;
      case PointSource::Kind::kTopic:
        values.push_back(Value::of_text(context.topic));
        break;
      case PointSource::Kind::kValue:
      case PointSource::Kind::kField:
        if (slots[step.index].kind != Value::Kind::kMissing) {
          values.push_back(slots[step.index]);
        } else if (step.has_missing) {
          values.push_back(value_of_json(step.json));
        } else {
          return &fields_[step.index];
        }
        break;
      case PointSource::Kind::kTemplate:
        values.push_back(Value::of_text(context.rendered[step.index]));
        break;
      case PointSource::Kind::kConstant:
        values.push_back(value_of_json(step.json));
        break;
    }
  }
  return nullptr;
}

}  // namespace plotbridge::shape
