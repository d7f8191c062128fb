#include "plugin/shape/point_plan.h"

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

}  // namespace

PointPlan::PointPlan(PointSpec spec) {
  for (PointItem& item : spec) {
    keys_.push_back(std::move(item.key));
    PointSource& source = item.source;
    std::size_t index = 0;
    switch (source.kind) {
      case PointSource::Kind::kReceived:
      case PointSource::Kind::kTopic:
      case PointSource::Kind::kConstant:
        break;
      case PointSource::Kind::kValue:
      case PointSource::Kind::kField:  // $value is a path without steps
        index = add_field(std::move(source.field));
        break;
      case PointSource::Kind::kTemplate:
        index = index_of(templates_, std::move(source.text));
        break;
    }
    steps_.push_back({source.kind, index, std::move(source.json), std::move(source.missing_json),
                      ValueChanger(std::move(source.change))});
  }
}

std::size_t PointPlan::add_field(FieldPath field) { return index_of(fields_, std::move(field)); }

std::optional<Problem> PointPlan::shape(std::span<const Value> slots, const Context& context,
                                        std::vector<Value>& values) {
  values.clear();
  texts_.clear();
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
        values.emplace_back();
        if (auto problem = take_field(step, slots, values.back())) return problem;
        break;
      case PointSource::Kind::kTemplate:
        values.push_back(Value::of_text(context.rendered[step.index]));
        break;
      case PointSource::Kind::kConstant:
        values.push_back(value_of_json(step.json));
        break;
    }
  }
  return {};
}

std::optional<Problem> PointPlan::take_field(const Step& step, std::span<const Value> slots,
                                             Value& value) {
  value = slots[step.index];
  if (value.kind == Value::Kind::kMissing) {
    if (!step.missing_json) {
      return Problem{"missing_field", "the payload has no field " +
                                          fields_[step.index].to_string() +
                                          ", and the point no default for it"};
    }
    value = value_of_json(*step.missing_json);
    return {};
  }
  if (!step.changer.changes()) return {};
  auto problem = step.changer.apply(value, step.missing_json, texts_);
  if (problem) {
    const FieldPath& field = fields_[step.index];
    const std::string name = field.steps.empty() ? "$value" : "field " + field.to_string();
    problem->message.insert(0, name + ": ");
  }
  return problem;
}

}  // namespace plotbridge::shape
