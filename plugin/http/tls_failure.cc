#include "plugin/http/tls_failure.h"

#include <openssl/err.h>

namespace plotbridge::http {

std::string tls_failure() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(first);
  return reason == nullptr ? "unknown reason" : reason;
}

}  // namespace plotbridge::http
