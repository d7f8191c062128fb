// Throw-away certificates, made by the openssl command.
#pragma once

#include "tests/support/temp_dir.h"

#include <string>

namespace plotbridge::test {

class CertificateAuthority {
 public:
  CertificateAuthority();

  struct Pair {
    std::string certificate, key;  // paths
  };
  /// `alternative_name`: "IP:127.0.0.1" or "DNS:broker.example".
  Pair issue(const std::string& name, const std::string& alternative_name) const;
  /// What is the matter with a certificate, if anything.
  struct Fault {
    /// It is good for two days from this one on, relative to now.
    int from_day = 0;
    bool self_signed = false;
    /// Bits of an RSA key; 0: a good key.
    int rsa_bits = 0;
    /// More of x509v3_config(5).
    std::string extensions = {};
  };
  /// An empty `alternative_name`: none.
  Pair issue(const std::string& name, const std::string& alternative_name,
             const Fault& fault) const;
  std::string certificate() const { return directory_.path("ca.pem"); }

 private:
  TempDir directory_;
};

}  // namespace plotbridge::test
