// How long lines took from MQTT to the socket, in buckets. The lock of its owner.
#pragma once

#include "plugin/base/time.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace plotbridge::app {

struct DeliveryHistogram {
  /// Upper bounds in seconds; the last bucket of `counts` takes the rest.
  static constexpr std::array<double, 14> kBounds = {
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 10, 60};
  std::array<std::uint64_t, kBounds.size() + 1> counts{};
  double sum_seconds = 0;

  void observe(Duration age) {
    const double seconds = std::chrono::duration<double>(age).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    ++counts[bucket];
    sum_seconds += seconds;
  }
};

}  // namespace plotbridge::app
