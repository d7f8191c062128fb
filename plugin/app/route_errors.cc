#include "plugin/app/route_errors.h"

#include "plugin/base/utf8.h"

#include <utility>

namespace plotbridge::app {

std::optional<std::uint64_t> RouteErrors::add(DecodeErrorKind kind, std::string_view why,
                                              std::size_t offset, WallTime at, TimePoint now) {
  RouteError error{kind, std::string(whole_characters(why, kWhyShown)), offset, at};
  const std::lock_guard lock(mutex_);
  OfKind& known = kinds_[kind];
  ++known.count;
  known.last = std::move(error);
  newest_ = &known;
  return known.gate.admit(now, kLogInterval);
}

std::vector<RouteErrors::Suppressed> RouteErrors::take_suppressed(TimePoint now, Duration age) {
  std::vector<Suppressed> result;
  const std::lock_guard lock(mutex_);
  for (auto& [kind, known] : kinds_) {
    if (const std::uint64_t errors = known.gate.take_suppressed(now, age); errors > 0) {
      result.push_back({kind, errors, known.last.why});
    }
  }
  return result;
}

RouteErrors::Counts RouteErrors::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts;
  for (const auto& [kind, known] : kinds_) counts.emplace(kind, known.count);
  return counts;
}

std::optional<RouteError> RouteErrors::last() const {
  const std::lock_guard lock(mutex_);
  return newest_ != nullptr ? std::optional(newest_->last) : std::nullopt;
}

}  // namespace plotbridge::app
