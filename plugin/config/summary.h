// A configuration in one line for a log or for `check`. Holds nothing secret. Pure; any thread.
#pragma once

#include "plugin/config/config.h"

#include <string>

namespace plotbridge::config {

/// "broker mqtt://127.0.0.1:1883, built-in endpoint on 127.0.0.1:8088, 3 streams, 2 routes, 1 plot"
std::string summary(const Config& config);

/// HOST:PORT, an IPv6 address in brackets.
std::string to_text(const Listen& listen);

}  // namespace plotbridge::config
