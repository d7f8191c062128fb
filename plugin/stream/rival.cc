#include "plugin/stream/rival.h"

#include <algorithm>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kLongAgo{-1000h};
constexpr Duration kTwoSuspectsWithin = 10min;
constexpr Duration kThreeSuspectsWithin = 60min;
// A rival that was confirmed before takes the token back before so long; what ends later is judged
// anew.
constexpr Duration kTakenBackWithin = 5min;

// The hold grows fourfold to an hour, so that two clients that both want the token change hands a
// few times an hour instead of thousands. It is drawn from its upper quarter: with a wider spread
// some rivalries would see a seventh take-over in the first hour (docs/decisions/0004).
constexpr Duration kFirstHold = 30s;
constexpr int kHoldGrowth = 4;
constexpr Duration kLongestHold = 1h;
constexpr double kHoldSpread = 0.25;
constexpr Duration kLevelForgottenAfter = 2h;

constexpr Duration kInsistHold = 60s;
constexpr std::size_t kInsistBudget = 30;  // an hour

Duration scaled(Duration duration, double factor) {
  return Duration(static_cast<Duration::rep>(static_cast<double>(duration.count()) * factor));
}

}  // namespace

Rival::Rival(Contest contest) : contest_(contest) { suspects_.fill(kLongAgo); }

bool Rival::would_confirm(TimePoint now, Duration lasted) const {
  return (level_ > 0 && lasted < kTakenBackWithin) || now - suspects_[0] <= kTwoSuspectsWithin ||
         now - suspects_[1] <= kThreeSuspectsWithin;
}

bool Rival::suspect(TimePoint now, Duration lasted) {
  const bool confirmed = would_confirm(now, lasted);
  suspects_[1] = suspects_[0];
  suspects_[0] = now;
  return confirmed;
}

std::optional<Duration> Rival::hold(TimePoint now, double random) {
  switch (contest_) {
    case Contest::kYield:
      return std::nullopt;
    case Contest::kInsist:
      return insist(now) + scaled(kInsistHold, kHoldSpread * random);
    case Contest::kShare:
      break;
  }
  Duration hold = kFirstHold;
  for (int i = 0; i < level_ && hold < kLongestHold; ++i) hold *= kHoldGrowth;
  ++level_;
  return scaled(std::min(hold, kLongestHold), 1 - kHoldSpread * random);
}

Duration Rival::insist(TimePoint now) {
  TimePoint at = now + kInsistHold;
  if (insisted_.size() == kInsistBudget) {
    at = std::max(at, insisted_.front() + 1h);
    insisted_.erase(insisted_.begin());
  }
  insisted_.push_back(at);
  return at - now;
}

void Rival::lasted(Duration lasted) {
  const auto levels = lasted / kLevelForgottenAfter;
  level_ = std::max(0, level_ - static_cast<int>(std::min<Duration::rep>(levels, level_)));
}

}  // namespace plotbridge::stream
