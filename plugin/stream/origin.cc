#include "plugin/stream/origin.h"

#include <algorithm>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTogether = 2s;
// A second wave within this time, while the endpoint could be reached all along, is no restart: a
// second bridge with the same tokens takes all of them over.
constexpr Duration kWaveRemembered = 10min;
constexpr Duration kDialInterval = 100ms;
constexpr int kDialBurst = 10;
constexpr Duration kSpreadEach = 20ms;
constexpr Duration kSpreadMost = 5s;

}  // namespace

Origin::Origin(std::size_t streams) : streams_(streams), dials_(kDialInterval, kDialBurst) {}

void Origin::closed(TimePoint opened_at, TimePoint now, bool like_a_restart) {
  --up_;
  if (!like_a_restart) return;
  // Together are those that closed within moments, each once: not the one that was opened since.
  while (!recent_closes_.empty() &&
         (now - recent_closes_.front() > kTogether || recent_closes_.front() <= opened_at)) {
    recent_closes_.pop_front();
  }
  recent_closes_.push_back(now);
  const std::size_t closed = recent_closes_.size();
  if (closed < std::max<std::size_t>(2, (up_ + closed + 1) / 2)) return;
  // What was opened since the last wave closes in another.
  const bool same_wave =
      wave_seen_ != TimePoint::min() && opened_at < wave_began_ && now - wave_seen_ <= kTogether;
  if (!same_wave) {
    const bool recent = wave_began_ != TimePoint::min() && now - wave_began_ <= kWaveRemembered;
    wave_repeats_ = recent && !unreachable_since_wave_;
    wave_began_ = now;
    unreachable_since_wave_ = false;
  }
  wave_seen_ = now;
}

Siblings Origin::siblings(TimePoint closed_at) const {
  const bool in_wave = wave_seen_ != TimePoint::min() && closed_at - wave_seen_ <= kTogether &&
                       wave_began_ - closed_at <= kTogether;
  if (in_wave) return wave_repeats_ ? Siblings::kMostAgain : Siblings::kMostClosed;
  return up_ > 0 ? Siblings::kStayUp : Siblings::kNone;
}

TimePoint Origin::next_dial(TimePoint now, double random) {
  const TimePoint place = dials_.reserve(now);
  return place == now ? now : place + scaled(kDialInterval, random);
}

Duration Origin::spread(double random) const {
  const auto streams = static_cast<Duration::rep>(streams_);
  return scaled(std::min(kSpreadMost, kSpreadEach * streams), random);
}

}  // namespace plotbridge::stream
