#include "plugin/http/credentials.h"

#include <openssl/evp.h>

#include <optional>
#include <string_view>

namespace plotbridge::http {
namespace {

std::optional<std::string> decoded_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // It counts the bytes that padding stands for.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::optional<Credentials> basic(std::string_view value) {
  constexpr std::string_view kBasic = "Basic ";
  if (!value.starts_with(kBasic)) return std::nullopt;
  const auto pair = decoded_base64(value.substr(kBasic.size()));
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{pair->substr(0, colon), Secret(pair->substr(colon + 1))};
}

}  // namespace

Credentials credentials_of(const RequestHead& head) {
  for (const std::string* value : {&head.plotly_authorization, &head.authorization}) {
    if (auto found = basic(*value)) return *std::move(found);
  }
  return {head.plotly_username, Secret(head.plotly_apikey)};
}

}  // namespace plotbridge::http
