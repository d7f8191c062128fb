#include "plugin/endpoint/uptime_clock.h"

#include "plugin/base/number_text.h"

#include <chrono>
#include <cmath>
#include <cstdint>

namespace plotbridge::endpoint {
namespace {

// A board's 32 bits end after 50 days; others may count longer, but not for a century.
constexpr double kMostUptimeMs = 3e12;

}  // namespace

void UptimeClock::convert(LineUpdate& update, WallTime now) {
  for (LineUpdate::Entry& entry : update.point) {
    if (entry.path != "x") continue;
    const auto ms = number_value(entry.json);
    if (!ms || std::abs(*ms) > kMostUptimeMs) return;
    const auto uptime = std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(*ms)));
    if (!switched_on_) switched_on_ = now - uptime;
    text_ = '"' + local_time_(zone_, *switched_on_ + uptime) + '"';
    entry.json = text_;
    return;
  }
}

}  // namespace plotbridge::endpoint
