#include "plugin/http/page_headers.h"

namespace plotbridge::http {
namespace {

// The hash is that of the empty style element, which Plotly's script fills through the DOM.
constexpr const char* kPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' "
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

}  // namespace

std::vector<std::pair<std::string, std::string>> page_headers(std::string cache) {
  return {{"Cache-Control", std::move(cache)},
          {"Content-Security-Policy", kPolicy},
          {"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "SAMEORIGIN"},
          {"Referrer-Policy", "no-referrer"}};
}

}  // namespace plotbridge::http
