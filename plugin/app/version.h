// Which release this is. Any thread.
#pragma once

#include <string_view>

namespace plotbridge::app {

std::string_view version();

}  // namespace plotbridge::app
