#include "plugin/config/url_reader.h"

#include "plugin/config/did_you_mean.h"

#include <algorithm>

namespace plotbridge::config {

std::optional<Url> read_url(const MapReader& map, std::string_view key,
                            std::span<const std::string_view> schemes, std::string& out) {
  std::string text;
  if (!map.text(key, text)) return std::nullopt;
  auto url = parse_url(text);
  if (!url) {
    map.wrong(key, url.error().message);
    return std::nullopt;
  }
  if (std::ranges::find(schemes, url->scheme) == schemes.end()) {
    map.wrong(key, "unknown scheme " + shown(url->scheme) + correction(url->scheme, schemes));
    return std::nullopt;
  }
  out = url->scheme + text.substr(url->scheme.size());
  if (url->path == "/") {
    out.pop_back();
    url->path.clear();
  }
  return *std::move(url);
}

}  // namespace plotbridge::config
