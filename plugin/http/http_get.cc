#include "plugin/http/http_get.h"

#include <curl/curl.h>

#include <array>
#include <memory>

namespace plotbridge::http {
namespace {

struct Body {
  std::string bytes;
  std::size_t limit;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t size, void* body_) {
  auto& body = *static_cast<Body*>(body_);
  body.too_large = size > body.limit - body.bytes.size();
  if (body.too_large) return 0;
  body.bytes.append(data, size);
  return size;
}

}  // namespace

Result<std::string> http_get(const std::string& url, const HttpGetLimits& limits) {
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  if (easy == nullptr) return fail(ErrorKind::kInternal, "libcurl cannot start");
  Body body{{}, limits.body};
  std::array<char, CURL_ERROR_SIZE> problem{};
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(limits.timeout);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");  // nor those of the environment
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, problem.data());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &body);

  const CURLcode result = curl_easy_perform(easy.get());
  const std::string why = problem[0] != '\0' ? problem.data() : curl_easy_strerror(result);
  if (body.too_large) {
    return fail(ErrorKind::kInvalid,
                "the answer is larger than " + std::to_string(limits.body) + " bytes");
  }
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) {
    return fail(ErrorKind::kInvalid, why);
  }
  if (result != CURLE_OK) return fail(ErrorKind::kUnavailable, why);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return fail(ErrorKind::kRefused, "the answer is status " + std::to_string(status));
  }
  return std::move(body.bytes);
}

}  // namespace plotbridge::http
