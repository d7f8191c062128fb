#include "plugin/http/http_get.h"

#include "plugin/http/http_call.h"

#include <utility>

namespace plotbridge::http {

Result<std::string> http_get(const std::string& url, const HttpGetLimits& limits) {
  HttpCall call;
  call.url = url;
  call.timeout = limits.timeout;
  call.most_bytes = limits.body;
  auto answer = http_call(call);
  if (!answer) return tl::make_unexpected(answer.error());
  if (answer->status != 200) {
    return fail(ErrorKind::kRefused, "the answer is status " + std::to_string(answer->status));
  }
  return std::move(answer->body);
}

}  // namespace plotbridge::http
