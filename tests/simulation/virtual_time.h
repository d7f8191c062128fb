// A clock that jumps from event to event, and chance that follows from one seed. Nothing sleeps.
// One thread.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

namespace plotbridge::test {

class World {
 public:
  explicit World(std::uint64_t seed) : random(seed) {}

  TimePoint now{std::chrono::hours(1000)};
  std::mt19937_64 random;
  /// Called after each event, as a loop looks around after each wake-up.
  std::vector<std::function<void()>> after_each;

  void at(TimePoint time, std::function<void()> event) {
    events_.push({time, next_++, std::move(event)});
  }
  void after(Duration delay, std::function<void()> event) { at(now + delay, std::move(event)); }
  /// Lets time pass until `end`.
  void run_until(TimePoint end);

  double fraction() { return std::uniform_real_distribution<double>(0, 1)(random); }
  Duration between(Duration least, Duration most) {
    return least + Duration(static_cast<Duration::rep>(
                       fraction() * static_cast<double>((most - least).count())));
  }
  std::size_t below(std::size_t count) { return random() % count; }

 private:
  struct Event {
    TimePoint at;
    std::uint64_t order;
    std::function<void()> happen;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t next_ = 0;
};

}  // namespace plotbridge::test
