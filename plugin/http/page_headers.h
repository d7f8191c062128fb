// The headers that protect the page, on every answer to a browser; those of every answer at all are
// in http_message.h. Any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace plotbridge::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// `cache` is the Cache-Control; `embed` the origins that may show the page in a frame.
Headers page_headers(std::string cache, const std::vector<std::string>& embed = {});

}  // namespace plotbridge::http
