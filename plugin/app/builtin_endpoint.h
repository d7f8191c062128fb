// The configuration's words to the built-in endpoint's: which streams it knows and which plots it
// shows. Pure.
#pragma once

#include "plugin/config/config.h"
#include "plugin/endpoint/endpoint.h"

namespace plotbridge::app {

endpoint::Options endpoint_options(const config::Config& config, const config::Server& server);

}  // namespace plotbridge::app
