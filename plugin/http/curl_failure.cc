#include "plugin/http/curl_failure.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace plotbridge::http {
namespace {

using How = stream::Ending::How;

// A peer that did not answer until the time was up, and what the network last said of it.
constexpr std::array kSilences{ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EHOSTDOWN};

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// OpenSSL's words for what the other side's TLS has told, and for a TCP close without a TLS one.
bool is_tls_alert(const CurlFailure& failure) { return has(failure.text, " alert "); }
bool is_tls_cut(const CurlFailure& failure) { return has(failure.text, "unexpected eof"); }

How how_of(const CurlFailure& failure) {
  if (failure.result == CURLE_OPERATION_TIMEDOUT) return How::kTimeout;
  // Since TLS 1.3 a client's certificate is judged after its handshake: by then the head is out.
  if (!failure.reached || is_tls_alert(failure)) return How::kNoReach;
  if (failure.result == CURLE_GOT_NOTHING || is_tls_cut(failure)) return How::kFin;
  // In the text stands the first error. The one that libcurl keeps as a number is the last: that of
  // the goodbye under TLS, to a peer that is gone.
  const auto tells = [&](int error) { return has(failure.text, std::strerror(error)); };
  return std::ranges::any_of(kSilences, tells) ? How::kTimeout : How::kReset;
}

std::string proxy_refusal(long status, const HttpProxy& proxy) {
  std::string text =
      "the proxy " + proxy.url + " answered " + std::to_string(status) + " to CONNECT";
  if (status == 407) {
    text += proxy.username.empty() ? ": it wants a user name and password in endpoint.proxy"
                                   : ": it does not take the user name and password";
  }
  return text;
}

}  // namespace

How how_of_socket_error(int error) {
  return std::ranges::find(kSilences, error) != kSilences.end() ? How::kTimeout : How::kReset;
}

stream::Ending ending_of(const CurlFailure& failure, const CurlTransportOptions& options) {
  stream::Ending ending;
  if (failure.result == CURLE_OK) return ending;
  ending.how = how_of(failure);
  const bool by_proxy = !failure.reached && !options.proxy.url.empty();
  if (by_proxy && failure.connect_status != 0 && failure.connect_status / 100 != 2) {
    ending.detail = proxy_refusal(failure.connect_status, options.proxy);
    return ending;
  }
  if (by_proxy) ending.detail = "by the proxy " + options.proxy.url + ": ";
  ending.detail += failure.text.empty() ? curl_easy_strerror(failure.result) : failure.text;
  if (is_tls_alert(failure) && options.tls.certificate.empty() &&
      (has(failure.text, "certificate required") || has(failure.text, "handshake failure") ||
       has(failure.text, "bad certificate"))) {
    ending.detail += " (it may want a client's certificate: endpoint.tls.cert)";
  }
  return ending;
}

}  // namespace plotbridge::http
