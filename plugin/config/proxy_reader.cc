#include "plugin/config/proxy_reader.h"

#include "plugin/config/address.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace plotbridge::config {
namespace {

/// What stands between :// and the last @ before the path; cuts it out of `text`.
std::optional<std::string> take_credentials(std::string& text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos) return std::nullopt;
  const std::size_t begin = scheme + 3;
  const std::size_t end = std::min(text.find_first_of("/?#", begin), text.size());
  const std::size_t at = text.rfind('@', end);
  if (at == std::string::npos || at < begin || at >= end) return std::nullopt;
  std::string credentials = text.substr(begin, at - begin);
  text.erase(begin, at + 1 - begin);
  return credentials;
}

/// Without percent signs; nothing when one of them starts no byte that can stand in a password.
std::optional<std::string> decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    const auto parsed = std::from_chars(digits, digits + 2, byte, 16);
    if (parsed.ptr != digits + 2 || byte < 0x20 || byte == 0x7F) return std::nullopt;
    result += static_cast<char>(byte);
    i += 2;
  }
  return result;
}

/// USER or USER:PASSWORD into `out`.
bool read_credentials(const std::string& text, Proxy& out) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto username = decoded(std::string_view(text).substr(0, colon));
  const auto password = decoded(std::string_view(text).substr(std::min(colon + 1, text.size())));
  // Basic authentication ends the name at the first colon.
  if (!username || !password || username->empty() || username->find(':') != std::string::npos) {
    return false;
  }
  out.username = *username;
  out.password = Secret(*password);
  return true;
}

}  // namespace

std::optional<std::string> read_proxy(const MapReader& map, std::string_view key, Proxy& out) {
  std::string text;
  if (!map.text(key, text)) return std::nullopt;
  const auto wrong = [&](std::string_view what) {
    map.wrong(key, what);
    return std::nullopt;
  };
  Proxy proxy;
  const auto credentials = take_credentials(text);
  if (credentials && !read_credentials(*credentials, proxy)) {
    return wrong(
        "expected USER:PASSWORD before the @, other characters than letters and digits as "
        "%XX");
  }
  if (!proxy.password.empty()) {
    map.mistakes().note_literal_secret(map.find(key)->mark, map.path_of(key));
  }
  auto url = parse_url(text);
  if (!url) return wrong(url.error().message);
  if (url->scheme != "http") {
    return wrong("only an HTTP proxy that is asked to CONNECT is spoken to: http://HOST:PORT");
  }
  if (!url->path.empty() && url->path != "/") {
    return wrong("leave out what follows the host and port");
  }
  if (!url->port) return wrong("say its port, too: http://HOST:PORT");
  const bool ipv6 = url->host.find(':') != std::string::npos;
  proxy.url =
      "http://" + (ipv6 ? "[" + url->host + "]" : url->host) + ":" + std::to_string(*url->port);
  out = std::move(proxy);
  return std::move(url->host);
}

}  // namespace plotbridge::config
