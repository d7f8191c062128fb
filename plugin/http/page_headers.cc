#include "plugin/http/page_headers.h"

namespace plotbridge::http {
namespace {

// The hash is that of the empty style element, which Plotly's script fills through the DOM.
constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' "
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors";

}  // namespace

Headers page_headers(std::string cache, const std::vector<std::string>& embed) {
  std::string policy = kPolicy;
  for (const std::string& origin : embed) policy += ' ' + origin;
  Headers headers = {{"Cache-Control", std::move(cache)},
                     {"Cross-Origin-Opener-Policy", "same-origin"}};
  if (embed.empty()) {
    policy += " 'none'";
    headers.emplace_back("X-Frame-Options", "DENY");  // for browsers without frame-ancestors
  }
  headers.emplace_back("Content-Security-Policy", std::move(policy));
  return headers;
}

}  // namespace plotbridge::http
