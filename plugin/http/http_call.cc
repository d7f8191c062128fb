#include "plugin/http/http_call.h"

#include "plugin/base/clock.h"
#include "plugin/http/private_key.h"

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

// What is too much of it is not read.
std::size_t on_header(char* data, std::size_t, std::size_t size, void* head) {
  static_cast<AnswerHead*>(head)->read({data, size}, wall_now());
  return size;
}

int on_progress(void* cancel, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(cancel)->load() ? 1 : 0;
}

void set_cancel(CURL* easy, const HttpCall& call) {
  if (call.cancel == nullptr) return;
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(call.cancel));
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // nor wait for a name
}

void append(Slist& list, const std::string& header) {
  curl_slist* grown = curl_slist_append(list.get(), header.c_str());
  if (list == nullptr) list.reset(grown);
}

void set_who(CURL* easy, const HttpCall& call) {
  if (call.username.empty()) return;
  curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_USERNAME, call.username.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, call.key.reveal().c_str());
}

void set_body(CURL* easy, const HttpCall& call) {
  if (call.method == "GET") return;
  if (call.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
}

}  // namespace

Result<HttpAnswer> http_call(const HttpCall& call) {
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  if (easy == nullptr) return fail(ErrorKind::kInternal, "libcurl cannot start");
  if (const auto key = check_private_key(call.tls); !key) {
    return fail(ErrorKind::kUnavailable, key.error().message);
  }
  Body body{{}, call.most_bytes};
  std::array<char, CURL_ERROR_SIZE> problem{};
  const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(call.timeout);
  Slist headers;
  append(headers, "Expect:");
  for (const auto& [name, value] : call.headers) append(headers, name + ": " + value);
  curl_easy_setopt(easy.get(), CURLOPT_URL, call.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, problem.data());
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  AnswerHead head;
  curl_easy_setopt(easy.get(), CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // of a proxy
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &head);
  set_who(easy.get(), call);
  set_body(easy.get(), call);
  set_cancel(easy.get(), call);
  set_peer_options(easy.get(), call.tls, call.proxy);
  set_authorities(easy.get(), call.tls);

  const CURLcode result = curl_easy_perform(easy.get());
  const std::string why = problem[0] != '\0' ? problem.data() : curl_easy_strerror(result);
  if (body.too_large) {
    return fail(ErrorKind::kInvalid,
                "the answer is larger than " + std::to_string(call.most_bytes) + " bytes");
  }
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) {
    return fail(ErrorKind::kInvalid, why);
  }
  if (result != CURLE_OK) return fail(ErrorKind::kUnavailable, why);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return HttpAnswer{static_cast<int>(status), std::move(body.bytes), std::move(head)};
}

}  // namespace plotbridge::http
