// The headers that protect the page, on every answer to a browser. Any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace plotbridge::http {

/// `cache` is the Cache-Control.
std::vector<std::pair<std::string, std::string>> page_headers(std::string cache);

}  // namespace plotbridge::http
