// An embedded file of the page as an HTTP answer: compressed or not, or "not modified". Any thread.
#pragma once

#include "plugin/endpoint/page_assets.h"
#include "plugin/http/http_message.h"
#include "plugin/http/request_head.h"

namespace plotbridge::http {

HttpResponse asset_response(const endpoint::Asset& asset, const RequestHead& head);

}  // namespace plotbridge::http
