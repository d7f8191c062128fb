// Concern: the TLS port offers only what is safe, and shows a certificate only with a key that
// nobody else can read or change, also once it was renewed.
#include "plugin/http/tls_certificate.h"

#include "plugin/http/http_call.h"
#include "plugin/http/private_key.h"

#include "tests/support/certificates.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace plotbridge::http {
namespace {

class Certificate : public ::testing::Test {
 protected:
  test::CertificateAuthority authority_;
  test::CertificateAuthority::Pair pair_ = authority_.issue("server", "IP:127.0.0.1");
};

TEST_F(Certificate, is_shown_with_authenticated_encryption_and_forward_secrecy_alone) {
  const auto loaded = TlsCertificate::load(pair_.certificate, pair_.key);
  ASSERT_TRUE(loaded) << loaded.error().message;
  SSL_CTX& context = (*loaded)->context();
  EXPECT_EQ(SSL_CTX_get_min_proto_version(&context), TLS1_2_VERSION);
  const STACK_OF(SSL_CIPHER)* const ciphers = SSL_CTX_get_ciphers(&context);
  ASSERT_GT(sk_SSL_CIPHER_num(ciphers), 5);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(ciphers, i);
    const std::string name = SSL_CIPHER_get_name(cipher);
    EXPECT_EQ(SSL_CIPHER_is_aead(cipher), 1) << name;
    const int exchange = SSL_CIPHER_get_kx_nid(cipher);
    EXPECT_TRUE(exchange == NID_kx_ecdhe || exchange == NID_kx_any) << name;
  }
}

TEST_F(Certificate, has_a_key_that_is_its_owners_alone) {
  for (const ::mode_t mode : {0644U, 0604U, 0602U, 0620U, 0662U}) {
    ::chmod(pair_.key.c_str(), mode);
    const auto loaded = TlsCertificate::load(pair_.certificate, pair_.key);
    ASSERT_FALSE(loaded) << mode;
    EXPECT_EQ(loaded.error().kind, ErrorKind::kInvalid);
    EXPECT_TRUE(loaded.error().message.starts_with(pair_.key + " is a secret that "))
        << loaded.error().message;
  }
  ::chmod(pair_.key.c_str(), 0640);
  EXPECT_TRUE(TlsCertificate::load(pair_.certificate, pair_.key));
}

TEST_F(Certificate, that_is_renewed_with_a_key_for_everybody_is_not_shown) {
  const auto loaded = TlsCertificate::load(pair_.certificate, pair_.key);
  ASSERT_TRUE(loaded) << loaded.error().message;
  SSL_CTX* const before = &(*loaded)->context();
  const auto renewed = authority_.issue("renewed", "IP:127.0.0.1");
  std::filesystem::rename(renewed.certificate, pair_.certificate);
  std::filesystem::rename(renewed.key, pair_.key);
  ::chmod(pair_.key.c_str(), 0644);
  EXPECT_EQ(&(*loaded)->context(), before) << "the last good one stays";
  ::chmod(pair_.key.c_str(), 0600);
  EXPECT_NE(&(*loaded)->context(), before) << "chmod is enough";
}

TEST_F(Certificate, that_does_not_fit_its_key_is_told) {
  const auto other = authority_.issue("other", "IP:127.0.0.1");
  const auto of_another_kind =
      authority_.issue("rsa", "IP:127.0.0.1", test::CertificateAuthority::Fault{.rsa_bits = 2048});
  for (const std::string& key : {other.key, of_another_kind.key}) {
    const auto loaded = TlsCertificate::load(pair_.certificate, key);
    ASSERT_FALSE(loaded) << key;
    EXPECT_TRUE(loaded.error().message.starts_with(key + ": no key that fits "))
        << loaded.error().message;
  }
  const auto swapped = TlsCertificate::load(pair_.key, pair_.certificate);
  ASSERT_FALSE(swapped);
  EXPECT_TRUE(swapped.error().message.starts_with(pair_.key + ": no certificate in PEM"))
      << swapped.error().message;
}

TEST_F(Certificate, of_a_client_is_not_used_with_a_key_for_everybody) {
  ::chmod(pair_.key.c_str(), 0644);
  HttpCall call;
  call.url = "https://127.0.0.1:9/";
  call.tls = {authority_.certificate(), pair_.certificate, pair_.key, true};
  const auto answer = http_call(call);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.starts_with(pair_.key + " is a secret that every user"))
      << answer.error().message;
  EXPECT_FALSE(check_private_key({"", pair_.key, "", true})) << "the certificate's file holds it";
  EXPECT_TRUE(check_private_key({})) << "there is none";
}

}  // namespace
}  // namespace plotbridge::http
