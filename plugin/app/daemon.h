// `run` and `serve`: owns all parts and their threads, starts them in one order and stops them in
// the reverse. Main thread.
#pragma once

#include "plugin/config/config.h"

namespace plotbridge::app {

/// Bridges until SIGTERM or SIGINT, then drains. The exit code.
int run_bridge(const config::Config& config);

/// The built-in endpoint and its page alone, until SIGTERM or SIGINT. The exit code.
int run_endpoint(const config::Config& config);

}  // namespace plotbridge::app
