// A plot that is read back by REST: refused when it is too large, else read part by part. Not
// responsible for: who may read it. Loop thread.
#pragma once

#include "plugin/endpoint/plot.h"
#include "plugin/http/http_message.h"

#include <optional>
#include <string_view>

namespace plotbridge::http {

/// The figure with `before` and `behind` around it; nothing when it is too large (kTooLargeToRead).
std::optional<HttpResponse> figure_response(const endpoint::Plot& plot,
                                            std::string_view before = {},
                                            std::string_view behind = {});

}  // namespace plotbridge::http
