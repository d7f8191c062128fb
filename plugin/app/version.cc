#include "plugin/app/version.h"

namespace plotbridge::app {

std::string_view version() { return PLOTBRIDGE_VERSION; }

}  // namespace plotbridge::app
