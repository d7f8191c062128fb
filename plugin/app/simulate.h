// `plotbridge simulate`: publishes a small plant to a broker until it is told to stop. Main thread,
// before any other thread is started.
#pragma once

#include <cstdint>
#include <string>

namespace plotbridge::app {

struct SimulateOptions {
  std::string broker_url = "mqtt://127.0.0.1:1883";
  double rate = 50;  // messages a second over all topics
  std::uint64_t seed = 1;
};

/// Until SIGTERM or SIGINT: 0. 69 when the broker cannot be reached within 10 s of the start, 2 for
/// an address that cannot be one; a broker that goes away later is waited for.
int simulate(const SimulateOptions& options);

}  // namespace plotbridge::app
