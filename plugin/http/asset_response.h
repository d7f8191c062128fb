// An embedded file of the page as an HTTP answer: compressed or not, or "not modified". Any thread.
#pragma once

#include "plugin/endpoint/page_assets.h"
#include "plugin/http/http_message.h"
#include "plugin/http/request_head.h"

#include <string>
#include <vector>

namespace plotbridge::http {

/// `embed` are the origins that may show the page in a frame.
HttpResponse asset_response(const endpoint::Asset& asset, const RequestHead& head,
                            const std::vector<std::string>& embed);

}  // namespace plotbridge::http
