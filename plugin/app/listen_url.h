// From where a server listens to the URL by which it is reached. Pure; any thread.
#pragma once

#include "plugin/config/config.h"

#include <string>
#include <string_view>

namespace plotbridge::app {

/// With a slash at its end.
std::string listen_url(const config::Listen& listen, std::string_view scheme = "http");

/// The same for a client on this machine, where the server listens on every address.
std::string local_url(const config::Listen& listen);

}  // namespace plotbridge::app
