// What a TLS port shows to its clients: a certificate and its key, read again when their files
// change, so that a renewed one needs no restart. Leaves to others: the connections (tls_session).
// `load` any thread; the rest loop thread.
#pragma once

#include "plugin/base/result.h"

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace plotbridge::http {

class TlsCertificate {
 public:
  /// Files in PEM: the certificate with those between it and its authority, and its key. kInvalid
  /// with the file and what is wrong with it, its rights included.
  static Result<std::shared_ptr<TlsCertificate>> load(std::string certificate, std::string key);

  /// For the next connection. When the files changed and cannot be used, the last good ones stay,
  /// with one warning for each change.
  SSL_CTX& context();

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Context = std::unique_ptr<SSL_CTX, Free>;
  /// What of a file changes with its content or rights.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  TlsCertificate(std::string certificate, std::string key);
  Result<Context> read() const;
  static Stamp stamp_of(const std::string& path);

  std::string certificate_;
  std::string key_;
  Stamp certificate_stamp_;
  Stamp key_stamp_;
  Context context_;
};

}  // namespace plotbridge::http
