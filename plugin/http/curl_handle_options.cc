#include "plugin/http/curl_handle_options.h"

#include "plugin/base/tls_policy.h"
#include "plugin/model/protocol.h"

#include <arpa/inet.h>
#include <strings.h>

namespace plotbridge::http {
namespace {

// An answer has a few lines; lines wait in our queue, not in libcurl. Least that libcurl takes for
// each; together they make a stream 3 kB smaller than the defaults.
constexpr long kReceiveBuffer = 1024;
constexpr long kUploadBuffer = 16 * 1024;
// libcurl counts in whole seconds of the clock, so 2 means more than the one second for which the
// reactor lets dials go without a look-up of their own (name_gate).
constexpr long kNamesKeptSeconds = 2;

void set_tls(CURL* easy, const ClientTls& tls) {
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);  // and everything newer
  curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, kClientCiphers);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);  // dies with the handle: never of use
  if (!tls.certificate.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.certificate.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY,
                     tls.key.empty() ? tls.certificate.c_str() : tls.key.c_str());
  }
}

void set_proxy(CURL* easy, const HttpProxy& proxy) {
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.url.c_str());  // "": nor by an environment variable
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");               // nor past it by one
  if (proxy.url.empty()) return;
  // A proxy that forwards requests may wait for their end, which never comes; and it would read the
  // token. Through a tunnel it sees bytes, over https not even those.
  curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // its answer is not the endpoint's
  if (proxy.username.empty() && proxy.password.empty()) return;
  curl_easy_setopt(easy, CURLOPT_PROXYAUTH, CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, proxy.username.c_str());
  curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, proxy.password.reveal().c_str());
}

std::string host_of(const std::string& url) {
  std::string host;
  CURLU* parsed = curl_url();
  char* text = nullptr;
  if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed, CURLUPART_HOST, &text, 0) == CURLUE_OK) {
    host = text;
  }
  curl_free(text);
  curl_url_cleanup(parsed);
  return host;
}

}  // namespace

Slist stream_headers(const CurlTransportOptions& options, std::optional<std::uint64_t> first_line) {
  Slist headers;
  const auto append = [&headers](const std::string& header) {
    curl_slist* grown = curl_slist_append(headers.get(), header.c_str());
    if (headers == nullptr) headers.reset(grown);
  };
  append(std::string(protocol::kTokenHeader) + ": " + options.token.reveal());
  // An empty value removes the header that libcurl would add: servers that ignore Expect would cost
  // a second.
  for (const char* header : {"Transfer-Encoding: chunked", "Expect:", "Content-Type:", "Accept:"}) {
    append(header);
  }
  if (first_line) {
    append("Stream-Producer: " + options.producer);
    append("Stream-Epoch: " + std::to_string(options.epoch));
    append("Stream-Seq: " + std::to_string(*first_line));
  }
  return headers;
}

void set_authorities(CURL* easy, const ClientTls& tls) {
  if (tls.ca.empty()) return;
  curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca.c_str());
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
}

void set_peer_options(CURL* easy, const ClientTls& tls, const HttpProxy& proxy) {
  set_tls(easy, tls);
  set_proxy(easy, proxy);
}

void set_handle_options(CURL* easy, const CurlTransportOptions& options, curl_slist* headers) {
  curl_easy_setopt(easy, CURLOPT_URL, options.url.c_str());
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_HEADEROPT, CURLHEADER_SEPARATE);  // a proxy gets none of them
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // the token goes to nobody else
  set_peer_options(easy, options.tls, options.proxy);
  // The authorities come from elsewhere (trusted_authorities). With its cache on, libcurl would put
  // those of the first connection in place of everybody's.
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, kNamesKeptSeconds);
  // Without it, closing while a name is looked up waits for the resolver, and with it every stream.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(
      easy, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(
          std::chrono::duration_cast<std::chrono::milliseconds>(options.connect_timeout).count()));
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
}

bool is_https(const CurlTransportOptions& options) {
  return ::strncasecmp(options.url.c_str(), "https:", 6) == 0;
}

std::string name_to_look_up(const CurlTransportOptions& options) {
  const std::string host = host_of(options.proxy.url.empty() ? options.url : options.proxy.url);
  in_addr v4{};
  const bool is_address = host.starts_with('[') || ::inet_pton(AF_INET, host.c_str(), &v4) == 1;
  return is_address ? std::string() : host;
}

}  // namespace plotbridge::http
