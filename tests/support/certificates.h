// Throw-away certificates, made by the openssl command.
#pragma once

#include "tests/support/temp_dir.h"

#include <string>

namespace plotbridge::testing {

class CertificateAuthority {
 public:
  CertificateAuthority();

  struct Pair {
    std::string certificate, key;  // paths
  };
  /// `alternative_name`: "IP:127.0.0.1" or "DNS:broker.example".
  Pair issue(const std::string& name, const std::string& alternative_name) const;
  std::string certificate() const { return directory_.path("ca.pem"); }

 private:
  TempDir directory_;
};

}  // namespace plotbridge::testing
