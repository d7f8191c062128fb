// The file of a TLS private key, read only where its rights let it hold a secret
// (base/secret_rights.h): at the start, and again whenever a certificate is renewed. Not
// responsible for: what is in it (OpenSSL, libcurl). Blocking; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/http/curl_handle_options.h"

#include <string>

namespace plotbridge::http {

/// The text of the file. kInvalid: it cannot be read, or it must not hold a secret.
Result<std::string> read_private_key(const std::string& path);

/// Whether libcurl may read the key of this client, if it has one.
Result<void> check_private_key(const ClientTls& tls);

}  // namespace plotbridge::http
