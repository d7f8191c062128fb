// The certificates that endpoints are held against, read once for all connections and again when
// the file has changed. libcurl would parse it for each connection and keep it there: 0.9 MB and 24
// ms for a bundle like the system's. Leaves to others: verifying (OpenSSL, by libcurl). Loop thread
// only.
#pragma once

#include "plugin/base/result.h"

#include <map>
#include <string>

struct ssl_ctx_st;
struct x509_store_st;

namespace plotbridge::http {

class TrustedAuthorities {
 public:
  TrustedAuthorities() = default;
  ~TrustedAuthorities();
  TrustedAuthorities(const TrustedAuthorities&) = delete;
  TrustedAuthorities& operator=(const TrustedAuthorities&) = delete;

  /// Whether the authorities of a PEM file can be read.
  static Result<void> check(const std::string& file) { return TrustedAuthorities().read(file); }

  /// Gives `context` the authorities of a PEM file, or the system's when `file` is empty.
  Result<void> give(ssl_ctx_st* context, const std::string& file);

 private:
  struct Known {
    x509_store_st* store = nullptr;
    std::string stamp;  // of the file it was read from
  };
  Result<void> read(const std::string& file);

  std::map<std::string, Known> known_;
};

}  // namespace plotbridge::http
