#include "plugin/shape/deadband.h"

#include "plugin/base/number_text.h"

#include <cmath>
#include <functional>
#include <string_view>

namespace plotbridge::shape {

bool Deadband::admits(const DeadbandSpec& spec, const Value& y, TimePoint now) {
  Written next{now, y.kind, std::nullopt, 0, 0, y.time};
  if (y.kind == Value::Kind::kNumber) {
    next.number = number_value(y.text);
  } else if (y.kind == Value::Kind::kText || y.kind == Value::Kind::kJson) {
    next.size = y.text.size();
    next.fingerprint = std::hash<std::string_view>{}(y.text);
  }
  const bool silent = last_ && spec.max_silence && now - last_->at >= *spec.max_silence;
  if (last_ && !silent && !differs(spec, *last_, next)) return false;
  last_ = next;
  return true;
}

bool Deadband::differs(const DeadbandSpec& spec, const Written& last, const Written& next) {
  if (last.kind != next.kind) return true;
  if (last.number && next.number) return std::abs(*next.number - *last.number) > spec.absolute;
  return last.number != next.number || last.size != next.size ||
         last.fingerprint != next.fingerprint || last.time != next.time;
}

}  // namespace plotbridge::shape
