#include "tests/support/certificates.h"

#include <cstdlib>
#include <stdexcept>

namespace plotbridge::testing {
namespace {

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) {
    throw std::runtime_error("failed: " + command);
  }
}

const char* const kNewKey = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

}  // namespace

CertificateAuthority::CertificateAuthority() {
  run("openssl req -x509 -days 2 -subj '/CN=plotbridge test CA'" + std::string(kNewKey) +
      "-keyout " + directory_.path("ca.key") + " -out " + certificate());
}

CertificateAuthority::Pair CertificateAuthority::issue(const std::string& name,
                                                       const std::string& alternative_name) const {
  const Pair pair{directory_.path(name + ".pem"), directory_.path(name + ".key")};
  const std::string request = directory_.path(name + ".csr");
  const std::string extension =
      directory_.write(name + ".ext", "subjectAltName=" + alternative_name + "\n");
  run("openssl req -subj /CN=" + name + kNewKey + "-keyout " + pair.key + " -out " + request);
  run("openssl x509 -req -days 2 -CAcreateserial -in " + request + " -CA " + certificate() +
      " -CAkey " + directory_.path("ca.key") + " -extfile " + extension + " -out " +
      pair.certificate);
  return pair;
}

}  // namespace plotbridge::testing
