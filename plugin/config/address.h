// Addresses as people write them: HOST:PORT and URLs, taken apart. Leaves to others: resolving
// names. Errors never repeat the text, which may hold a password. Pure; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/config/config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::config {

struct Url {
  std::string scheme;  // in lower case
  std::string host;    // of [::1] what is between the brackets
  std::optional<std::uint16_t> port;
  std::string path;  // with its slash, and whatever follows; may be empty
};

/// SCHEME://HOST[:PORT][/PATH]; a user name in it is refused.
Result<Url> parse_url(std::string_view text);

/// HOST:PORT, an IPv6 address in brackets; port 0 is allowed.
Result<Listen> parse_listen(std::string_view text);

/// Whether `host` can only be this machine: localhost, 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);

}  // namespace plotbridge::config
