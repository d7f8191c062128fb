#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace plotbridge::test {
namespace {

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) {
    throw std::runtime_error("failed: " + command);
  }
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Makes a certificate of two days begin at another day: the command can only let it begin now.
void redate(const std::string& certificate, const std::string& signing_key, int from_day) {
  constexpr long kDay = 24L * 60 * 60;
  X509* x509 =
      PEM_read_X509(File(std::fopen(certificate.c_str(), "r")).get(), nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_PrivateKey(File(std::fopen(signing_key.c_str(), "r")).get(), nullptr,
                                      nullptr, nullptr);
  X509_gmtime_adj(X509_getm_notBefore(x509), from_day * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x509), (from_day + 2) * kDay);
  const bool signed_again = X509_sign(x509, key, EVP_sha256()) > 0;
  const bool written = PEM_write_X509(File(std::fopen(certificate.c_str(), "w")).get(), x509) == 1;
  X509_free(x509);
  EVP_PKEY_free(key);
  if (!signed_again || !written) throw std::runtime_error("cannot date " + certificate);
}

const char* const kNewKey = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

}  // namespace

CertificateAuthority::CertificateAuthority() {
  run("openssl req -x509 -days 2 -subj '/CN=plotbridge test CA'" + std::string(kNewKey) +
      "-keyout " + directory_.path("ca.key") + " -out " + certificate());
}

CertificateAuthority::Pair CertificateAuthority::issue(const std::string& name,
                                                       const std::string& alternative_name) const {
  return issue(name, alternative_name, Fault{});
}

CertificateAuthority::Pair CertificateAuthority::issue(const std::string& name,
                                                       const std::string& alternative_name,
                                                       const Fault& fault) const {
  const Pair pair{directory_.path(name + ".pem"), directory_.path(name + ".key")};
  const std::string request = directory_.path(name + ".csr");
  const std::string names =
      alternative_name.empty() ? "" : "subjectAltName=" + alternative_name + "\n";
  const std::string extension =
      directory_.write(name + ".ext", "basicConstraints=CA:FALSE\n" + names + fault.extensions);
  const std::string key =
      fault.rsa_bits == 0 ? kNewKey : " -newkey rsa:" + std::to_string(fault.rsa_bits) + " -nodes ";
  run("openssl req -subj /CN=" + name + key + "-keyout " + pair.key + " -out " + request);
  const std::string signer = fault.self_signed ? " -signkey " + pair.key
                                               : " -CAcreateserial -CA " + certificate() +
                                                     " -CAkey " + directory_.path("ca.key");
  run("openssl x509 -req -in " + request + signer + " -days 2 -extfile " + extension + " -out " +
      pair.certificate);
  const std::string signing_key = fault.self_signed ? pair.key : directory_.path("ca.key");
  if (fault.from_day != 0) redate(pair.certificate, signing_key, fault.from_day);
  return pair;
}

}  // namespace plotbridge::test
