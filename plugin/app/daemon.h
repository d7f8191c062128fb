// `run` and `serve` from the first log line to the last, with the signals between. Not responsible
// for: the parts of `run` (bridge). Main thread.
#pragma once

#include "plugin/config/config.h"

namespace plotbridge::app {

/// Bridges until SIGTERM or SIGINT, then drains. The exit code.
int run_bridge(const config::Config& config);

/// The built-in endpoint and its page alone, until SIGTERM or SIGINT. The exit code.
int run_endpoint(const config::Config& config);

}  // namespace plotbridge::app
